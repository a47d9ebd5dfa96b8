# Starts a virtual display, prints its number on standard output, and ends it when standard input is
# closed. That happens when the program that started this script ends, even if it is killed. Ctrl-C
# is ignored: it would end this shell first and leave the display running.
Xvfb -displayfd 3 -screen 0 1280x1024x24 -nolisten tcp 3>&1 >/dev/null 2>&1 &
trap '' INT TERM
read -r _
kill $!
wait
