# bash completion for guidefund: commands, options, files, model names

_guidefund()
{
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local program=${COMP_WORDS[0]} command=${COMP_WORDS[1]} words=
    local commands="run validate merge summary compare sweep published models schema version help"

    case $previous in
    --progress) words="auto plain json none" ;;
    --portfolios | --seed | --threads | --set | --stop | --shard | --part-seconds | --missing-shards) return ;;
    -o | --output) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    esac
    if [ -z "$words" ]; then
        if [ "$COMP_CWORD" = 1 ]; then
            words="$commands --help --version"
        elif [[ $current == -* ]]; then
            case $command in
            run) words="-o --output --portfolios --seed --threads --set --stop --shard --resume --fresh --part-seconds --missing-shards --json
                --progress --help" ;;
            sweep) words="-o --output --portfolios --seed --threads --set --shard --missing-shards --resume --fresh --part-seconds --json --progress --help" ;;
            merge) words="-o --output --json --progress --help" ;;
            validate) words="--set --print --json --help" ;;
            summary | compare | models | version) words="--json --help" ;;
            published) words="--portfolios --threads --cases --list --json --markdown --help" ;;
            schema) words="--sweep --help" ;;
            *) words="--help" ;;
            esac
        elif [ "$command" = published ]; then
            words=$("$program" published --list 2>/dev/null | sed 's/ .*//')
        elif [ "$command" = help ]; then
            words=$commands
        elif [ "$command" = models ]; then
            words=$("$program" models 2>/dev/null | sed -n 's/^\([a-z_]\{1,\}\) .*/\1/p')
        fi
    fi
    if [ -n "$words" ]; then
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
        return
    fi
    case $command in
    sweep) # a design, then shards
        mapfile -t COMPREPLY < <(compgen -f -X '!*.@(yaml|yml|h5)' -- "$current"; compgen -d -S / -- "$current") ;;
    run | validate) mapfile -t COMPREPLY < <(compgen -f -X '!*.@(yaml|yml)' -- "$current"; compgen -d -S / -- "$current") ;;
    merge | summary | compare) mapfile -t COMPREPLY < <(compgen -f -X '!*.h5' -- "$current"; compgen -d -S / -- "$current") ;;
    esac
}
complete -o filenames -F _guidefund guidefund
