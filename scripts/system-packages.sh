#!/usr/bin/env bash
# Installs the few system packages that do not come from PyPI, when they are missing and we may.
#   pdf      Pango and a Chinese font for labels and slips (without them: print pages instead of PDF)
#   browser  Chromium for the browser tests (without it they are skipped, or fail when CI=true)
set -u

have_pango() { "$(dirname "$0")/../.venv/bin/python" -c 'import weasyprint' 2>/dev/null; }
have_font() { command -v fc-list >/dev/null && [ -n "$(fc-list ':lang=zh' 2>/dev/null | head -1)" ]; }
have_browser() { [ -x /usr/bin/chromium ]; }

missing=()
case "${1:-}" in
  pdf)
    have_pango || missing+=(libpango-1.0-0 libpangoft2-1.0-0)
    have_font || missing+=(fonts-noto-cjk fontconfig)
    ;;
  browser)
    have_browser || missing+=(chromium)
    have_font || missing+=(fonts-noto-cjk fontconfig)
    ;;
  *) echo "usage: $0 pdf|browser" >&2; exit 2 ;;
esac
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing ${missing[*]} …"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >/dev/null 2>&1
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null 2>&1 && exit 0
fi
if [ "$1" = browser ]; then
  "$(dirname "$0")/../.venv/bin/playwright" install chromium >/dev/null 2>&1 && exit 0
fi
echo "note: could not install ${missing[*]}; as root: apt-get install ${missing[*]}" >&2
exit 0
