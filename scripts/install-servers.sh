#!/usr/bin/env bash
# Installs the real servers and tools that the full test set needs, only what is missing: as root on Debian.
# Elsewhere it says what to install; tests that lack a server say NOT RUN. With --bench: the peers of the bench too.
set -euo pipefail

# program : Debian package
needed=(
  "ceph-mon:ceph-mon" "ceph-osd:ceph-osd" "ceph:ceph-common" "radosgw:radosgw"
  "ffmpeg:ffmpeg" "ffprobe:ffmpeg" "clamd:clamav-daemon" "setpriv:util-linux"
)
for option in "$@"; do
  case "$option" in
    --bench) needed+=("nginx:nginx-light" "rclone:rclone" "age:age") ;;
    *) echo "install-servers: unknown option $option" >&2; exit 2 ;;
  esac
done

has() { PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" command -v "$1" >/dev/null; }

missing=()
for pair in "${needed[@]}"; do
  has "${pair%%:*}" || missing+=("${pair#*:}")
done
if ! has initdb && ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then
  missing+=("postgresql")
fi
if [ "${#missing[@]}" -eq 0 ]; then
  echo "install-servers: everything is installed."
  exit 0
fi
mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)

if [ "$(id -u)" -ne 0 ] || ! has apt-get; then
  echo "install-servers: install these by your system's means (Debian's names): ${missing[*]}"
  exit 0
fi

# The packages' own services must not start here: the tests start their own servers.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
log=$(mktemp)
if DEBIAN_FRONTEND=noninteractive apt-get update -qq >"$log" 2>&1 &&
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
  rm -f "$log"
  echo "install-servers: installed ${missing[*]}."
else
  tail -n 20 "$log" >&2
  echo "install-servers: could not install ${missing[*]}; see $log." >&2
  exit 1
fi
