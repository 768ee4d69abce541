#!/bin/sh
# Repeats the generation of bindings/ from the vendor's headers. Needed only to change what is bound: the output is
# committed. Headers that are not found are skipped, so their bindings stay as they are.
#
#   JEXTRACT=/path/to/bin/jextract scripts/generate-bindings.sh [FOLDER_WITH_HEADERS ...]
#
# Headers are looked for in the folders given, then in CUDA_HOME/include and /usr/local/cuda/include, /usr/include.
# jextract must be one for JDK 25 and use a libclang of version 13 or 14: newer ones name anonymous structs by their
# place in the header, which is no Java name.
# No -l option: symbols are looked up through the class loader, so that the backend decides which file is loaded.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
jextract=${JEXTRACT:-jextract}
sources=$root/bindings/src/main/java
folders="$* ${CUDA_HOME:+$CUDA_HOME/include} /usr/local/cuda/include /usr/include"

command -v "$jextract" >/dev/null 2>&1 || {
    echo "generate-bindings: no jextract; set JEXTRACT to it (https://jdk.java.net/jextract)" >&2
    exit 1
}

find_header() {
    for folder in $folders; do
        if [ -f "$folder/$1" ]; then
            echo "$folder"
            return
        fi
    done
}

# generate NAME HEADER CLASS: bindings/.../NAME/CLASS.java from HEADER, cut by scripts/bindings/NAME.includes
generate() {
    include=$(find_header "$2")
    if [ -z "$include" ]; then
        echo "generate-bindings: $1 skipped, no $2 in: $folders" >&2
        return
    fi
    fresh=$(mktemp -d)
    # cuda.h lies beside cublasLt.h in a toolkit, but a package may bring one without the other.
    cuda=$(find_header cuda.h)
    "$jextract" "@$root/scripts/bindings/$1.includes" -I "$include" ${cuda:+-I "$cuda"} \
        --header-class-name "$3" --target-package "dev.pillion.bindings.$1" --output "$fresh" "$include/$2"
    rm -rf "${sources:?}/dev/pillion/bindings/$1"
    mkdir -p "$sources/dev/pillion/bindings"
    mv "$fresh/dev/pillion/bindings/$1" "$sources/dev/pillion/bindings/$1"
    rm -rf "$fresh"
    echo "generate-bindings: $1 from $include/$2" >&2
}

generate cuda cuda.h CudaDriver
generate cublaslt cublasLt.h CublasLt
generate nvml nvml.h Nvml
generate nccl nccl.h Nccl
