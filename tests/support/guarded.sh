# Runs a server for as long as standard input stays open; then kills it and removes its folder.
# The test process holds the other end, which the system closes however that process ends.
# usage: guarded.sh FOLDER SIGNAL PROGRAM [ARGUMENT...]
folder=$1 signal=$2
shift 2

exec 3<&0
"$@" </dev/null >"$folder/log" 2>&1 3<&- &
server=$!
echo "$server" >"$folder/pid"
# The shell tells when its server was killed; nobody may be left to hear it.
trap '' PIPE

# CONT, because a test may have frozen it. Again and again, because what comes before the server in its command may be
# deaf to the signal.
(
  read -r _ <&3
  : >"$folder/asked"
  while kill -s "$signal" "$server"; do kill -s CONT "$server"; sleep 0.1; done
) 2>/dev/null &
watch=$!

wait "$server"
# Nobody asked: the server went by itself, and its last words are the reason.
[ -e "$folder/asked" ] || tail -n 15 "$folder/log" >&2
kill "$watch" 2>/dev/null
rm -rf "$folder"
