import { refusesWhatItCannotProtect } from './shared/misuse';
import { refusesWhatOnlyTc39Sees } from './shared/misuse-tc39';

describe('a TC39 decorator', () => {
  refusesWhatItCannotProtect();
  refusesWhatOnlyTc39Sees();
});
