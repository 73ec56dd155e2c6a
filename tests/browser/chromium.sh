#!/bin/sh
# Installs Chromium for the tests of the report unless there is one: $CHROMIUM, or Debian's.
command -v "${CHROMIUM:-chromium}" >/dev/null && exit 0
if [ -z "$CHROMIUM" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y chromium >/dev/null && exit 0
fi
echo "make test-browser needs Chromium, which is not here and could not be installed: install it (Debian: apt-get" \
    "install chromium), or set CHROMIUM to its path." >&2
exit 1
