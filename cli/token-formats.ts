/** How `token` writes a token. By itself, because the command line is read without loading anything that signs. */
export const TOKEN_FORMATS = ['raw', 'uri', 'env', 'pgpass', 'json', 'service'] as const;
