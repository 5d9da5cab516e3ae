#!/usr/bin/env bash
# Installs what only the benchmarks need: nginx (the mark to compare with) and wrk (the load). Idempotent.
set -euo pipefail

missing=()
for tool in nginx wrk; do
  command -v "$tool" >/dev/null || [[ -x /usr/sbin/$tool ]] || missing+=("$tool")
done
[[ ${#missing[@]} -eq 0 ]] && exit 0

if command -v apt-get >/dev/null && [[ $(id -u) -eq 0 ]]; then
  apt-get update -q >&2
  # The benchmarks start their own nginx; the packaged service must not take a port.
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >&2
  exit 0
fi

printf 'The benchmarks need %s. Install it with your system'"'"'s package manager (Debian: apt-get install %s), then run them again.\n' \
  "${missing[*]}" "${missing[*]}" >&2
exit 1
