// Modules of clients that have no types, or that their packages do not mean for others.
declare module 'mongodb/lib/cmap/errors.js';
declare module '@prisma/client/runtime/*';
