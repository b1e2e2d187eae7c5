/** drizzle-kit: how the migrations for PostgreSQL are generated (scripts/generate-migrations.mjs). */
import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: './drizzle/pg-schema.ts',
  out: './drizzle/pg',
  casing: 'snake_case',
});
