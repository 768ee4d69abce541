#!/bin/sh
# Verifies Pillion on this machine's GPU and measures it: run from the unpacked bundle that scripts/bundle.sh makes.
# Needs an NVIDIA driver; uses compute-sanitizer, nvcc and Python with PyTorch where they are there. --help says more.
set -eu

home=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
java=$home/runtime/bin/java
if [ ! -x "$java" ] || [ ! -d "$home/verify/lib" ]; then
    echo "verify-gpu: runs from the unpacked bundle; scripts/bundle.sh packs it" >&2
    exit 2
fi
exec "$java" -XX:+UseSerialGC --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
    -Dpillion.home="$home" -cp "$home/lib/*:$home/verify/lib/*" dev.pillion.verify.VerifyGpu "$@"
