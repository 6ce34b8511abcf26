export function addSkipReason(reason: string): void;
export function readSkipReasons(): string[];
