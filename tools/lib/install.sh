# Sourced by tools/test and cluster/quickstart: what the build needs beside Swift, installed where it
# is missing. Asks for nothing when nothing is missing.

required_packages=(libssl-dev liblz4-dev libsqlite3-dev)

missing_packages() {
    local package
    for package in "${required_packages[@]}"; do
        dpkg-query -W -f '${Status}' "$package" 2> /dev/null | grep -q 'ok installed' \
            || echo "$package"
    done
}

# Installs what is missing with apt-get, as root or through sudo. Returns 1 with advice otherwise.
install_requirements() {
    if ! command -v swift > /dev/null; then
        echo "Swift 6.3 or newer is needed and \`swift\` is not in PATH: https://swift.org/install" >&2
        return 1
    fi
    local missing as_root=()
    if ! command -v dpkg-query > /dev/null; then
        echo "not a Debian system: see that the headers of OpenSSL, LZ4 and SQLite are installed" >&2
        return 0
    fi
    missing="$(missing_packages | tr '\n' ' ')"
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo > /dev/null; then
            echo "missing: $missing" >&2
            echo "neither root nor sudo here: have someone run \`apt-get install $missing\`" >&2
            return 1
        fi
        as_root=(sudo)
        [ -t 0 ] || as_root=(sudo -n)
    fi
    echo "installing $missing"
    apt_get install -y --no-install-recommends $missing && return 0
    # The package lists may be old, or not there at all.
    apt_get update && apt_get install -y --no-install-recommends $missing && return 0
    echo "could not install: run \`apt-get install $missing\` as root and see what it says" >&2
    return 1
}

apt_get() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "$@" > /dev/null; }
