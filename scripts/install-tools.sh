#!/usr/bin/env bash
# Installs what only the benchmarks (nginx, wrk) or the suites on real nodes (go) need, where it may, and names what is missing where it may not. Idempotent.
# Arguments: the tools, by the names of their commands.
set -euo pipefail

# Go's places are those in which build-lightning-nodes.sh looks for it.
is_there() {
  local place
  command -v "$1" >/dev/null && return
  for place in /usr/sbin/"$1" /usr/local/go/bin/"$1" /usr/lib/go-*/bin/"$1" /usr/lib/go/bin/"$1"; do [[ -x $place ]] && return; done
  return 1
}

packages_of() {
  case $1 in
    go) printf '%s\n' golang-go ca-certificates ;;
    *) printf '%s\n' "$1" ;;
  esac
}

missing=()
for tool in "$@"; do
  is_there "$tool" && continue
  while read -r package; do missing+=("$package"); done < <(packages_of "$tool")
done
[[ ${#missing[@]} -eq 0 ]] && exit 0

if command -v apt-get >/dev/null && [[ $(id -u) -eq 0 ]]; then
  printf 'Installing %s …\n' "${missing[*]}" >&2
  apt-get update -q >&2
  # The benchmarks start their own nginx; the packaged service must not take a port.
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >&2
  exit 0
fi

printf '%s is needed. Install it with your system'"'"'s package manager (Debian: apt-get install %s), then run this again.\n' \
  "${missing[*]}" "${missing[*]}" >&2
exit 1
