#!/bin/sh
# Run once by the image of PostgreSQL, on an empty data folder: Vedette's own role owns its database, and is no superuser.
set -eu
psql --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres <<'SQL'
\set password `cat /run/secrets/vedette-password`
CREATE ROLE vedette LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE vedette OWNER vedette ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0;
REVOKE CONNECT ON DATABASE vedette FROM PUBLIC;
SQL
