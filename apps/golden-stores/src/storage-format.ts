/** The number of the storage format that this version writes: one more when what is stored, or the tables, change. */
export const storageFormat = 2;
