/** Migrated once per run by the global setup; every test's database is a copy of it. */
export const TEMPLATE_DATABASE = 'vedette_template';
