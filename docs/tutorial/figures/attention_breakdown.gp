# Drawn by: gnuplot -d THIS_FILE > PICTURE
set encoding utf8
set terminal svg size 800,214 noenhanced font 'Arial,12' dynamic background rgb '#ffffff'
unset key
unset title
set lmargin at screen 0.106365
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
set object 3 rectangle from screen 0.469612,0.133232 to screen 0.487554,0.18811 fs solid 1 noborder fc rgb '#007857'
set object 4 rectangle from screen 0.657023,0.133232 to screen 0.674965,0.18811 fs solid 1 noborder fc rgb '#c063a0'
set object 5 rectangle from screen 0.826427,0.133232 to screen 0.844369,0.18811 fs solid 1 noborder fc rgb '#59636e'
set object 6 rectangle from screen 0.022835,0.049085 to screen 0.040777,0.103963 fs solid 1 noborder fc rgb '#8c959f'
set object 7 rectangle from screen 0.130024,0.049085 to screen 0.147966,0.103963 fs solid 1 noborder fc rgb '#e6e9ed'
set label 1 'naive_attn and fused_attn' at screen 0.016311,0.899695 left front font ',16.963415' tc rgb '#1b1f24'
set label 2 'What the time is made of on NVIDIA A100 SXM4 80 GB' at screen 0.016311,0.798323 left front font ',12.396341' tc rgb '#59636e'
set label 3 'naive_attn' at screen 0.096579,0.640272 right front font ',12.004878' tc rgb '#59636e'
set label 4 'fused_attn' at screen 0.096579,0.500582 right front font ',12.004878' tc rgb '#59636e'
set label 5 '0 %' at screen 0.106365,0.355793 center front font ',12.004878' tc rgb '#59636e'
set label 6 '10 %' at screen 0.185771,0.355793 center front font ',12.004878' tc rgb '#59636e'
set label 7 '20 %' at screen 0.265176,0.355793 center front font ',12.004878' tc rgb '#59636e'
set label 8 '30 %' at screen 0.344582,0.355793 center front font ',12.004878' tc rgb '#59636e'
set label 9 '40 %' at screen 0.423988,0.355793 center front font ',12.004878' tc rgb '#59636e'
set label 10 '50 %' at screen 0.503393,0.355793 center front font ',12.004878' tc rgb '#59636e'
set label 11 '60 %' at screen 0.582799,0.355793 center front font ',12.004878' tc rgb '#59636e'
set label 12 '70 %' at screen 0.662205,0.355793 center front font ',12.004878' tc rgb '#59636e'
set label 13 '80 %' at screen 0.74161,0.355793 center front font ',12.004878' tc rgb '#59636e'
set label 14 '90 %' at screen 0.821016,0.355793 center front font ',12.004878' tc rgb '#59636e'
set label 15 '100 %' at screen 0.900421,0.355793 center front font ',12.004878' tc rgb '#59636e'
set label 16 'part of the time' at screen 0.503393,0.270427 center front font ',13.04878' tc rgb '#1b1f24'
set label 17 '60.9 µs' at screen 0.937406,0.640272 center front font ',13.04878' tc rgb '#1b1f24'
set label 18 'hbm' at screen 0.139328,0.640272 center front font ',12.004878' tc rgb '#ffffff'
set label 19 'subcore.fma' at screen 0.377815,0.640272 center front font ',12.004878' tc rgb '#ffffff'
set label 20 '49 µs' at screen 0.929617,0.500582 center front font ',13.04878' tc rgb '#1b1f24'
set label 21 'latency of ‘math’' at screen 0.404529,0.500582 center front font ',12.004878' tc rgb '#ffffff'
set label 22 'bound by moving bytes' at screen 0.049324,0.160671 left front font ',12.004878' tc rgb '#1b1f24'
set label 23 'bound by computing' at screen 0.28363,0.160671 left front font ',12.004878' tc rgb '#1b1f24'
set label 24 'bound by latency' at screen 0.496101,0.160671 left front font ',12.004878' tc rgb '#1b1f24'
set label 25 'filling, draining' at screen 0.683512,0.160671 left front font ',12.004878' tc rgb '#1b1f24'
set label 26 'last, partial wave' at screen 0.852916,0.160671 left front font ',12.004878' tc rgb '#1b1f24'
set label 27 'launch' at screen 0.049324,0.076524 left front font ',12.004878' tc rgb '#1b1f24'
set label 28 'waiting for the host' at screen 0.156513,0.076524 left front font ',12.004878' tc rgb '#1b1f24'
$d1 << END
0 0.08302388441541883 -0.36 0.36 26787
0.08302388441541883 0.6006793645069726 -0.36 0.36 11750912
0.6006793645069726 0.6087826466667977 -0.36 0.36 30807
0.6087826466667977 0.7954027176076086 -0.36 0.36 12608416
0.7954027176076086 0.80795779287701 -0.36 0.36 5858158
0.80795779287701 0.9064409760170048 -0.36 0.36 9213343
0.9064409760170048 0.9999999999999999 -0.36 0.36 15133165
0 0.03370326514048754 0.64 1.3599999999999999 11750912
0.03370326514048754 0.7172868367085042 0.64 1.3599999999999999 30807
0.7172868367085042 0.7956544212259742 0.64 1.3599999999999999 12608416
0.7956544212259742 0.8223768116564243 0.64 1.3599999999999999 5858158
0.8223768116564243 0.8836261869473124 0.64 1.3599999999999999 9213343
0.8836261869473124 0.9999999999999999 0.64 1.3599999999999999 15133165
END
plot $d1 using (($1 + $2) / 2):(($3 + $4) / 2):1:2:3:4:5 with boxxyerror lc rgb variable fs solid 1 noborder notitle
