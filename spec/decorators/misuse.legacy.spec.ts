import { refusesWhatItCannotProtect } from './shared/misuse';
import { refusesWhatOnlyLegacySees } from './shared/misuse.legacy';

describe('a legacy decorator', () => {
  refusesWhatItCannotProtect();
  refusesWhatOnlyLegacySees();
});
