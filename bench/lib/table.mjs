/** Prints the results as lines of `what  figure`. */
export function printTable(results, path = []) {
  for (const [name, value] of Object.entries(results)) {
    if (typeof value === 'object' && value !== null) printTable(value, [...path, name]);
    else console.log(`${[...path, name].join('.').padEnd(44)} ${value}`);
  }
}
