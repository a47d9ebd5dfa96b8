# A screen in memory: tells its number on standard output, and ends when standard input
# does, which is when the program that started it does, even if that is killed. Ctrl-C
# would end this shell first and leave the screen, so it is not taken here.
Xvfb -displayfd 3 -screen 0 1280x1024x24 -nolisten tcp 3>&1 >/dev/null 2>&1 &
trap '' INT TERM
read -r _
kill $!
wait
