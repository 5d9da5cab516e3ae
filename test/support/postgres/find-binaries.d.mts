/** The folder with `initdb` and `postgres`: the machine's own, else the npm package's (copied to `copyTo`), else what apt installs. */
export function findPostgresBinaries(copyTo: string): string;
/** The npm package's binaries, copied to where every OS user can run them; `undefined` where the package is not installed. */
export function copiedFromPackage(copyTo: string): string | undefined;
