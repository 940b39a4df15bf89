import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { TerminusModule } from '@nestjs/terminus';
import { BreakerBoxModule } from 'breaker-box/nestjs';
import { configuration, type Configuration } from './configuration';
import { HealthController } from './health.controller';
import { RatesController } from './rates.controller';
import { RatesService } from './rates.service';
import { RolesGuard } from './roles.guard';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true, load: [configuration] }),
    BreakerBoxModule.forRootAsync({
      inject: [ConfigService],
      useFactory: (config: ConfigService<Configuration, true>) => config.get('breakers', { infer: true }),
    }),
    TerminusModule.forRoot({ logger: false }),
  ],
  controllers: [RatesController, HealthController],
  providers: [RatesService, RolesGuard],
})
export class AppModule {}
