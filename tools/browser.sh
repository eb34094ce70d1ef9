#!/usr/bin/env bash
# The browser tests want Chromium. Installed where that is allowed; otherwise those tests say that they were left out.
set -u
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    { apt-get update -qq && apt-get install -y -qq chromium; } >/dev/null && exit 0
fi
printf 'Chromium is missing, so the browser tests are left out. To have them: sudo apt install chromium\n' >&2
