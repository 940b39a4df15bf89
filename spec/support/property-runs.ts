import fc from 'fast-check';
import { runs } from './runs';

// For properties that say no number.
fc.configureGlobal({ numRuns: runs(100) });
