import type { ErrorEntry } from '@satway/base';

export function renderErrorPage(tableByRoom: Readonly<Record<string, Readonly<Record<string, ErrorEntry>>>>): string;
