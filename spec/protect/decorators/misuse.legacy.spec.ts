import { refusesWhatItCannotProtect } from './shared/misuse';
import { refusesWhatOnlyLegacySees } from './shared/misuse.legacy';
import { refusesParameters } from './shared/parameters.legacy';

describe('a legacy decorator', () => {
  refusesWhatItCannotProtect();
  refusesWhatOnlyLegacySees();
  refusesParameters();
});
