import type { Finding } from '../../modules';

/** A finding as a sentence, without its rule and severity. */
export function told({ where, message, wayOut }: Pick<Finding, 'where' | 'message' | 'wayOut'>): string {
  return `${where} ${message}${wayOut === undefined ? '' : `; ${wayOut}`}`;
}
