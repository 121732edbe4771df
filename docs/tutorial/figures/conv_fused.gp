# Drawn by: gnuplot -d THIS_FILE > PICTURE
set encoding utf8
set terminal svg size 800,214 noenhanced font 'Arial,12' dynamic background rgb '#ffffff'
unset key
unset title
set lmargin at screen 0.111692
set rmargin at screen 0.900421
set tmargin at screen 0.724085
set bmargin at screen 0.416768
set border 3 lw 1 lc rgb '#8c959f'
set xrange [0:1]
set xtics nomirror out scale 0.6,0.35 ('' 0 0, '' 0.1 0, '' 0.2 0, '' 0.30000000000000004 0, '' 0.4 0, '' 0.5 0, '' 0.6000000000000001 0, '' 0.7000000000000001 0, '' 0.8 0, '' 0.9 0, '' 1 0)
set yrange [1.6:-0.6]
set ytics nomirror out scale 0.6,0.35 ('' 0 0, '' 1 0)
set grid xtics back lt 1 lw 1 lc rgb '#e6e9ed'
set object 1 rectangle from screen 0.022835,0.133232 to screen 0.040777,0.18811 fs solid 1 noborder fc rgb '#0068a3'
set object 2 rectangle from screen 0.257141,0.133232 to screen 0.275083,0.18811 fs solid 1 noborder fc rgb '#b34e00'
set object 3 rectangle from screen 0.469612,0.133232 to screen 0.487554,0.18811 fs solid 1 noborder fc rgb '#c063a0'
set object 4 rectangle from screen 0.639016,0.133232 to screen 0.656958,0.18811 fs solid 1 noborder fc rgb '#59636e'
set object 5 rectangle from screen 0.825391,0.133232 to screen 0.843334,0.18811 fs solid 1 noborder fc rgb '#8c959f'
set object 6 rectangle from screen 0.022835,0.049085 to screen 0.040777,0.103963 fs solid 1 noborder fc rgb '#e6e9ed'
set label 1 'conv_apart and conv_fused' at screen 0.016311,0.899695 left front font ',16.963415' tc rgb '#1b1f24'
set label 2 'What the time is made of on NVIDIA A100 SXM4 80 GB' at screen 0.016311,0.798323 left front font ',12.396341' tc rgb '#59636e'
set label 3 'conv_apart' at screen 0.101906,0.640272 right front font ',12.004878' tc rgb '#59636e'
set label 4 'conv_fused' at screen 0.101906,0.500582 right front font ',12.004878' tc rgb '#59636e'
set label 5 '0 %' at screen 0.111692,0.355793 center front font ',12.004878' tc rgb '#59636e'
set label 6 '10 %' at screen 0.190565,0.355793 center front font ',12.004878' tc rgb '#59636e'
set label 7 '20 %' at screen 0.269438,0.355793 center front font ',12.004878' tc rgb '#59636e'
set label 8 '30 %' at screen 0.348311,0.355793 center front font ',12.004878' tc rgb '#59636e'
set label 9 '40 %' at screen 0.427184,0.355793 center front font ',12.004878' tc rgb '#59636e'
set label 10 '50 %' at screen 0.506057,0.355793 center front font ',12.004878' tc rgb '#59636e'
set label 11 '60 %' at screen 0.58493,0.355793 center front font ',12.004878' tc rgb '#59636e'
set label 12 '70 %' at screen 0.663803,0.355793 center front font ',12.004878' tc rgb '#59636e'
set label 13 '80 %' at screen 0.742676,0.355793 center front font ',12.004878' tc rgb '#59636e'
set label 14 '90 %' at screen 0.821549,0.355793 center front font ',12.004878' tc rgb '#59636e'
set label 15 '100 %' at screen 0.900421,0.355793 center front font ',12.004878' tc rgb '#59636e'
set label 16 'part of the time' at screen 0.506057,0.270427 center front font ',13.04878' tc rgb '#1b1f24'
set label 17 '97.7 µs' at screen 0.937406,0.640272 center front font ',13.04878' tc rgb '#1b1f24'
set label 18 'l2' at screen 0.141927,0.640272 center front font ',12.004878' tc rgb '#ffffff'
set label 19 'subcore.tensor' at screen 0.426565,0.640272 center front font ',12.004878' tc rgb '#ffffff'
set label 20 '58.1 µs' at screen 0.937406,0.500582 center front font ',13.04878' tc rgb '#1b1f24'
set label 21 'subcore.tensor' at screen 0.400758,0.500582 center front font ',12.004878' tc rgb '#ffffff'
set label 22 'bound by moving bytes' at screen 0.049324,0.160671 left front font ',12.004878' tc rgb '#1b1f24'
set label 23 'bound by computing' at screen 0.28363,0.160671 left front font ',12.004878' tc rgb '#1b1f24'
set label 24 'filling, draining' at screen 0.496101,0.160671 left front font ',12.004878' tc rgb '#1b1f24'
set label 25 'last, partial wave' at screen 0.665505,0.160671 left front font ',12.004878' tc rgb '#1b1f24'
set label 26 'launch' at screen 0.851881,0.160671 left front font ',12.004878' tc rgb '#1b1f24'
set label 27 'waiting for the host' at screen 0.049324,0.076524 left front font ',12.004878' tc rgb '#1b1f24'
$d1 << END
0 0.076667066655956 -0.36 0.36 26787
0.076667066655956 0.7217645561168984 -0.36 0.36 11750912
0.7217645561168984 0.8542419173013895 -0.36 0.36 12608416
0.8542419173013895 0.8956346330753016 -0.36 0.36 5858158
0.8956346330753016 0.9416781773067862 -0.36 0.36 9213343
0.9416781773067862 1 -0.36 0.36 15133165
0 0.7329902804395736 0.64 1.3599999999999999 11750912
0.7329902804395736 0.8263208240501173 0.64 1.3599999999999999 12608416
0.8263208240501173 0.8760091830053355 0.64 1.3599999999999999 5858158
0.8760091830053355 0.9018406032125572 0.64 1.3599999999999999 9213343
0.9018406032125572 0.9999999999999999 0.64 1.3599999999999999 15133165
END
plot $d1 using (($1 + $2) / 2):(($3 + $4) / 2):1:2:3:4:5 with boxxyerror lc rgb variable fs solid 1 noborder notitle
