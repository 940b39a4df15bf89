export { openTelemetryMetrics, type OpenTelemetryMetricsOptions } from './metrics';
export { openTelemetryTraces, type OpenTelemetryTracesOptions } from './traces';
