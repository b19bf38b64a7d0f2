#!/bin/sh
# Makes the secrets that compose.split.yaml and the Kubernetes overlay `split` need, as files in the folder `secrets` beside this file.
# Names of the database's and Redis' hosts may be given: make-secrets.sh [postgres [redis]]. Never writes over what is there.
set -eu
database_host=${1:-postgres}
redis_host=${2:-redis}
folder=$(dirname "$0")/secrets
umask 077
mkdir "$folder"
# The folder keeps other accounts out. The files are open, since the container's user is none of this machine.
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
password=$(random)
redis=$(random)
random >"$folder/postgres-password"
printf '%s' "$password" >"$folder/vedette-password"
printf 'postgres://vedette:%s@%s:5432/vedette' "$password" "$database_host" >"$folder/database-url"
printf 'redis://:%s@%s:6379' "$redis" "$redis_host" >"$folder/redis-url"
printf 'requirepass %s\nsave ""\nappendonly no\nmaxmemory-policy noeviction\n' "$redis" >"$folder/redis.conf"
chmod 0444 "$folder"/*
