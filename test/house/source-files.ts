import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** A source file of a room, by its path inside the project. */
export interface SourceFile {
  readonly path: string;
  readonly room: string;
  readonly text: string;
  /** Module specifiers of its imports and re-exports, types and dynamic imports included. */
  readonly imports: readonly string[];
}

const IMPORT =
  /(?:^|[;\s])(?:import|export)\s[^'"`;]*?\sfrom\s*['"]([^'"]+)['"]|import\s*\(\s*['"]([^'"]+)['"]\s*\)|^import\s*['"]([^'"]+)['"]/gm;

export function readSourceFiles(): SourceFile[] {
  return roomNames().flatMap((room) => ['src', 'bin'].flatMap((folder) => readFolder(room, folder)));
}

export function roomNames(): string[] {
  return readdirSync(`${root}packages`);
}

function readFolder(room: string, folder: string): SourceFile[] {
  const place = `packages/${room}/${folder}`;
  return listFiles(place).map((file) => {
    const path = `${place}/${file}`;
    const text = readFileSync(root + path, 'utf8');
    return { path, room, text, imports: importsOf(text) };
  });
}

function listFiles(place: string): string[] {
  try {
    const entries = readdirSync(root + place, { recursive: true, encoding: 'utf8' });
    return entries.filter((entry) => /\.(ts|mts|mjs|js)$/.test(entry));
  } catch {
    return [];
  }
}

export function importsOf(text: string): string[] {
  return [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}
