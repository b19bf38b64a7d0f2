import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { VEDETTE_CONFIG, type VedetteConfig } from '../config/schema.js';
import { databaseError } from '../errors/database.errors.js';
import { ledgerDataSourceOptions } from './data-source.js';

/** The ledger: one connection pool per process and what is written and read through it. Needs the global ConfigModule. */
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [VEDETTE_CONFIG],
      useFactory: (config: VedetteConfig) => {
        const databaseUrl = config.database.url;
        if (databaseUrl === undefined) throw databaseError('VD_DATABASE_URL_MISSING', 'This role was started without DATABASE_URL');
        return { ...ledgerDataSourceOptions({ databaseUrl, poolSize: config.database.poolSize }), retryAttempts: 0 };
      },
      dataSourceFactory: async (options) => {
        if (options === undefined) throw databaseError('VD_DATABASE_URL_MISSING', 'No options for the database');
        try {
          return await new DataSource(options).initialize();
        } catch (cause) {
          throw databaseError('VD_DATABASE_UNREACHABLE', `No connection to the database: ${(cause as Error).message}`, { cause });
        }
      },
    }),
  ],
})
export class PersistenceModule {}
