# Drawn by: gnuplot -d THIS_FILE > PICTURE
set encoding utf8
set terminal svg size 800,241 noenhanced font 'Arial,12' dynamic background rgb '#ffffff'
unset key
unset title
set lmargin at screen 0.181681
set rmargin at screen 0.900421
set tmargin at screen 0.754997
set bmargin at screen 0.368407
set border 3 lw 1 lc rgb '#8c959f'
set xrange [0:1]
set xtics nomirror out scale 0.6,0.35 ('' 0 0, '' 0.1 0, '' 0.2 0, '' 0.30000000000000004 0, '' 0.4 0, '' 0.5 0, '' 0.6000000000000001 0, '' 0.7000000000000001 0, '' 0.8 0, '' 0.9 0, '' 1 0)
set yrange [2.6:-0.6]
set ytics nomirror out scale 0.6,0.35 ('' 0 0, '' 1 0, '' 2 0)
set grid xtics back lt 1 lw 1 lc rgb '#e6e9ed'
set object 1 rectangle from screen 0.022835,0.116635 to screen 0.040777,0.165365 fs solid 1 noborder fc rgb '#0068a3'
set object 2 rectangle from screen 0.257141,0.116635 to screen 0.275083,0.165365 fs solid 1 noborder fc rgb '#b34e00'
set object 3 rectangle from screen 0.469612,0.116635 to screen 0.487554,0.165365 fs solid 1 noborder fc rgb '#007857'
set object 4 rectangle from screen 0.657023,0.116635 to screen 0.674965,0.165365 fs solid 1 noborder fc rgb '#2d96d2'
set object 5 rectangle from screen 0.022835,0.041916 to screen 0.040777,0.090646 fs solid 1 noborder fc rgb '#c063a0'
set object 6 rectangle from screen 0.192239,0.041916 to screen 0.210181,0.090646 fs solid 1 noborder fc rgb '#59636e'
set object 7 rectangle from screen 0.378615,0.041916 to screen 0.396557,0.090646 fs solid 1 noborder fc rgb '#8c959f'
set object 8 rectangle from screen 0.485803,0.041916 to screen 0.503746,0.090646 fs solid 1 noborder fc rgb '#e6e9ed'
set label 1 'conv_direct, conv_im2col and conv_implicit_gemm' at screen 0.016311,0.910933 left front font ',16.963415' tc rgb '#1b1f24'
set label 2 'What the time is made of on NVIDIA A100 SXM4 80 GB' at screen 0.016311,0.820918 left front font ',12.396341' tc rgb '#59636e'
set label 3 'conv_direct' at screen 0.171894,0.682511 right front font ',12.004878' tc rgb '#59636e'
set label 4 'conv_im2col' at screen 0.171894,0.561702 right front font ',12.004878' tc rgb '#59636e'
set label 5 'conv_implicit_gemm' at screen 0.171894,0.440892 right front font ',12.004878' tc rgb '#59636e'
set label 6 '0 %' at screen 0.181681,0.314262 center front font ',12.004878' tc rgb '#59636e'
set label 7 '10 %' at screen 0.253555,0.314262 center front font ',12.004878' tc rgb '#59636e'
set label 8 '20 %' at screen 0.325429,0.314262 center front font ',12.004878' tc rgb '#59636e'
set label 9 '30 %' at screen 0.397303,0.314262 center front font ',12.004878' tc rgb '#59636e'
set label 10 '40 %' at screen 0.469177,0.314262 center front font ',12.004878' tc rgb '#59636e'
set label 11 '50 %' at screen 0.541051,0.314262 center front font ',12.004878' tc rgb '#59636e'
set label 12 '60 %' at screen 0.612925,0.314262 center front font ',12.004878' tc rgb '#59636e'
set label 13 '70 %' at screen 0.684799,0.314262 center front font ',12.004878' tc rgb '#59636e'
set label 14 '80 %' at screen 0.756673,0.314262 center front font ',12.004878' tc rgb '#59636e'
set label 15 '90 %' at screen 0.828547,0.314262 center front font ',12.004878' tc rgb '#59636e'
set label 16 '100 %' at screen 0.900421,0.314262 center front font ',12.004878' tc rgb '#59636e'
set label 17 'part of the time' at screen 0.541051,0.23846 center front font ',13.04878' tc rgb '#1b1f24'
set label 18 '396 µs' at screen 0.934812,0.682511 center front font ',13.04878' tc rgb '#1b1f24'
set label 19 'subcore.fma' at screen 0.52648,0.682511 center front font ',12.004878' tc rgb '#ffffff'
set label 20 '384 µs' at screen 0.934812,0.561702 center front font ',13.04878' tc rgb '#1b1f24'
set label 21 'hbm' at screen 0.250818,0.561702 center front font ',12.004878' tc rgb '#ffffff'
set label 22 'latency of ‘lanes’' at screen 0.484401,0.561702 center front font ',12.004878' tc rgb '#ffffff'
set label 23 '57.9 µs' at screen 0.937406,0.440892 center front font ',13.04878' tc rgb '#1b1f24'
set label 24 'subcore.tensor' at screen 0.463516,0.440892 center front font ',12.004878' tc rgb '#ffffff'
set label 25 'bound by moving bytes' at screen 0.049324,0.141 left front font ',12.004878' tc rgb '#1b1f24'
set label 26 'bound by computing' at screen 0.28363,0.141 left front font ',12.004878' tc rgb '#1b1f24'
set label 27 'bound by latency' at screen 0.496101,0.141 left front font ',12.004878' tc rgb '#1b1f24'
set label 28 'bytes moved again' at screen 0.683512,0.141 left front font ',12.004878' tc rgb '#1b1f24'
set label 29 'filling, draining' at screen 0.049324,0.066281 left front font ',12.004878' tc rgb '#1b1f24'
set label 30 'last, partial wave' at screen 0.218728,0.066281 left front font ',12.004878' tc rgb '#1b1f24'
set label 31 'launch' at screen 0.405104,0.066281 left front font ',12.004878' tc rgb '#1b1f24'
set label 32 'waiting for the host' at screen 0.512293,0.066281 left front font ',12.004878' tc rgb '#1b1f24'
$d1 << END
0 0.9594537800868931 -0.36 0.36 11750912
0.9594537800868931 0.9747640480255566 -0.36 0.36 12608416
0.9747640480255566 0.9818008582749185 -0.36 0.36 5858158
0.9818008582749185 0.9855923461343105 -0.36 0.36 9213343
0.9855923461343105 1.0000000000000002 -0.36 0.36 15133165
0 0.1923852315926397 0.64 1.3599999999999999 26787
0.1923852315926397 0.6499776415746118 0.64 1.3599999999999999 30807
0.6499776415746118 0.6663840513989454 0.64 1.3599999999999999 2987730
0.6663840513989454 0.8032681088020843 0.64 1.3599999999999999 12608416
0.8032681088020843 0.8562413925111534 0.64 1.3599999999999999 5858158
0.8562413925111534 0.9851553611832171 0.64 1.3599999999999999 9213343
0.9851553611832171 1.0000000000000002 0.64 1.3599999999999999 15133165
0 0.784245927625818 1.6400000000000001 2.36 11750912
0.784245927625818 0.8368682711484985 1.6400000000000001 2.36 12608416
0.8368682711484985 0.8756514656067237 1.6400000000000001 2.36 5858158
0.8756514656067237 0.9015574102719895 1.6400000000000001 2.36 9213343
0.9015574102719895 0.9999999999999999 1.6400000000000001 2.36 15133165
END
plot $d1 using (($1 + $2) / 2):(($3 + $4) / 2):1:2:3:4:5 with boxxyerror lc rgb variable fs solid 1 noborder notitle
