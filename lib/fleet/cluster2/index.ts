export * from '..';
export { clusterPrimary, type ClusterPrimary } from './cluster-primary';
export { clusterStore } from './cluster-store';
