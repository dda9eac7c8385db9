#!/bin/bash
# The man page and the bash completion name the commands that the program has, and of each the options that its --help names.
set -u
page=${GF_SOURCE:-$(dirname "$0")/..}/docs/man/guidefund.1
source "${GF_SOURCE:-$(dirname "$0")/..}/script/completions/guidefund.bash"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0
fail() {
    echo "FAILED: $*" >&2
    failures=$((failures + 1))
}

# Options by the name that stands first (-o, --json, ...), one a line; --help and --usage are those of all commands.
of_program() { "$GUIDEFUND" "$1" --help | sed -nE 's/^ {2,6}(--?[a-z][a-z-]*).*/\1/p' | grep -vxE -- '-h|--usage' | sort; }
of_synopsis() { # COMMAND PAGE
    sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/p' "$2" | awk -v command="$1" '
        /^\.Nm/ { here = 0 }
        $1 == ".Cm" { here = $2 == command }
        here && /Fl/ { for (i = 1; i < NF; i++) if ($i ~ /^\.?Fl$/) print "-" $(i + 1) }' | sed 's/\\-/-/g' | sort
}
of_completion() {
    COMP_WORDS=("$GUIDEFUND" "$1" -) COMP_CWORD=2 COMPREPLY=()
    _guidefund
    printf '%s\n' "${COMPREPLY[@]}" | grep -vx -e --help -e --output | sort
}
explained() { sed -n '/^\.Sh DESCRIPTION/,/^\.Sh ENVIRONMENT/s/^\.It //p' "$1" | grep -oE 'Fl [^ ]+' | sed 's/Fl /-/; s/\\-/-/g' | sort; }
commands_of_page() { sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/s/^\.Cm //p' "$1" | grep -vx help | sort; }
commands_explained() { sed -n 's/^\.It Cm //p' "$1" | grep -vx help | sort; }

same() { # WHAT EXPECTED OBTAINED
    [ "$2" = "$3" ] || { fail "$1: $(diff <(echo "$2") <(echo "$3") | sed -n 's/^< /lacks /p; s/^> /has of its own /p' | paste -sd, -)"; }
}

# check PAGE: holds a man page against the program
check() {
    local command all=
    same "commands of the synopsis" "$commands" "$(commands_of_page "$1")"
    same "commands of the description" "$commands" "$(commands_explained "$1")"
    for command in $commands; do
        same "synopsis of $command" "$(of_program "$command")" "$(of_synopsis "$command" "$1")"
        all+=$(of_program "$command")$'\n'
    done
    same "options of the description" "$(printf '%s\n' "$all" -h --help -V --version --usage --output | grep . | sort -u)" "$(explained "$1")"
}

commands=$("$GUIDEFUND" --help | sed -n 's/^  \([a-z]*\)  *[a-z].*/\1/p' | sort)
n_options=$(for command in $commands; do of_program "$command"; done | wc -l)
[ "$n_options" -ge 25 ] || fail "only $n_options options found in the help of $(wc -w <<<"$commands") commands"
check "$page"

COMP_WORDS=("$GUIDEFUND" "") COMP_CWORD=1 COMPREPLY=()
_guidefund
same "commands of the completion" "$commands" "$(printf '%s\n' "${COMPREPLY[@]}" | grep -vxE -- 'help|--.*' | sort)"
for command in $commands; do
    same "completion of $command" "$(of_program "$command")" "$(of_completion "$command")"
done

# spoiled twins: pages that lack an option, or have one too many, are found out
spoiled() { # WHAT SED-SCRIPT
    sed "$2" "$page" >"$folder/page"
    local before=$failures
    check "$folder/page" 2>/dev/null
    if [ "$failures" = "$before" ]; then fail "spoiled twin: $1 passes"; else failures=$before; fi
}
spoiled "a synopsis without --print" '/^\.Op Fl \\-print/d'
spoiled "a synopsis with an option too many" 's/^\.Cm schema/&\n.Op Fl \\-json/'
spoiled "a description without --cases" '/^\.It Fl \\-cases/d'
spoiled "a page without merge" '/^\.It Cm merge/d'

[ $failures -eq 0 ] && echo "$n_options options of $(wc -w <<<"$commands") commands are as the page and the completion say"
exit $((failures > 0))
