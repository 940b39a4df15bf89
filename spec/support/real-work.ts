// For specs that do much real work, such as thousands of random histories, which takes as long as it takes.
jest.setTimeout(300_000);
