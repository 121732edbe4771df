# Drawn by: gnuplot -d THIS_FILE > PICTURE
set encoding utf8
set terminal svg size 800,738 noenhanced font 'Arial,12' dynamic background rgb '#ffffff'
unset key
unset title
set lmargin at screen 0.071221
set rmargin at screen 0.973902
set tmargin at screen 0.88463
set bmargin at screen 0.120005
set border 3 lw 1 lc rgb '#8c959f'
set logscale x
set xrange [0.3125:12408]
set xtics nomirror out scale 0.6,0.35 ('' 0.4 1, '' 0.5 0, '' 0.6000000000000001 1, '' 0.7000000000000001 1, '' 0.8 1, '' 0.9 1, '' 1 0, '' 2 0, '' 3 1, '' 4 1, '' 5 0, '' 6 1, '' 7 1, '' 8 1, '' 9 1, '' 10 0, '' 20 0, '' 30 1, '' 40 1, '' 50 0, '' 60 1, '' 70 1, '' 80 1, '' 90 1, '' 100 0, '' 200 0, '' 300 1, '' 400 1, '' 500 0, '' 600 1, '' 700 1, '' 800 1, '' 900 1, '' 1000 0, '' 2000 0, '' 3000 1, '' 4000 1, '' 5000 0, '' 6000 1, '' 7000 1, '' 8000 1, '' 9000 1, '' 10000 0)
set logscale y
set yrange [435900553738.7487:935608320000000]
set ytics nomirror out scale 0.6,0.35 ('' 500000000000 0, '' 600000000000 1, '' 700000000000 1, '' 800000000000 1, '' 900000000000 1, '' 1000000000000 0, '' 2000000000000 0, '' 3000000000000 1, '' 4000000000000 1, '' 5000000000000 0, '' 6000000000000 1, '' 7000000000000 1, '' 8000000000000 1, '' 9000000000000 1, '' 10000000000000 0, '' 20000000000000 0, '' 30000000000000 1, '' 40000000000000 1, '' 50000000000000 0, '' 60000000000000 1, '' 70000000000000 1, '' 80000000000000 1, '' 90000000000000 1, '' 100000000000000 0, '' 200000000000000 0, '' 300000000000000 1, '' 400000000000000 1, '' 500000000000000 0, '' 600000000000000 1, '' 700000000000000 1, '' 800000000000000 1, '' 900000000000000 1)
set grid xtics ytics back lt 1 lw 1 lc rgb '#e6e9ed'
set arrow 1 from screen 0.578818,0.684378 to screen 0.578818,0.707628 nohead front lw 1 lc rgb '#8c959f' dt 1
set arrow 2 from screen 0.609567,0.725542 to screen 0.588119,0.725542 nohead front lw 1 lc rgb '#8c959f' dt 1
set label 1 '' at screen 0.030991,0.045744 point pt 7 ps 1.101897 lw 1 lc rgb '#59636e'
set label 2 '' at screen 0.030991,0.021344 point pt 5 ps 0.969669 lw 1 lc rgb '#59636e'
set label 3 'naive_attn_large and flash_attn' at screen 0.016311,0.970914 left front font ',16.963415' tc rgb '#1b1f24'
set label 4 'Roofline on NVIDIA A100 SXM4 80 GB' at screen 0.016311,0.941519 left front font ',12.396341' tc rgb '#59636e'
set label 5 'performance (FLOP/s)' at screen 0.016311,0.908499 left front font ',13.04878' tc rgb '#1b1f24'
set label 6 '500 G' at screen 0.061434,0.13368 right front font ',12.004878' tc rgb '#59636e'
set label 7 '1 T' at screen 0.061434,0.202766 right front font ',12.004878' tc rgb '#59636e'
set label 8 '2 T' at screen 0.061434,0.271852 right front font ',12.004878' tc rgb '#59636e'
set label 9 '5 T' at screen 0.061434,0.363179 right front font ',12.004878' tc rgb '#59636e'
set label 10 '10 T' at screen 0.061434,0.432265 right front font ',12.004878' tc rgb '#59636e'
set label 11 '20 T' at screen 0.061434,0.501351 right front font ',12.004878' tc rgb '#59636e'
set label 12 '50 T' at screen 0.061434,0.592678 right front font ',12.004878' tc rgb '#59636e'
set label 13 '100 T' at screen 0.061434,0.661764 right front font ',12.004878' tc rgb '#59636e'
set label 14 '200 T' at screen 0.061434,0.73085 right front font ',12.004878' tc rgb '#59636e'
set label 15 '500 T' at screen 0.061434,0.822177 right front font ',12.004878' tc rgb '#59636e'
set label 16 '0.5' at screen 0.111286,0.102324 center front font ',12.004878' tc rgb '#59636e'
set label 17 '1' at screen 0.170374,0.102324 center front font ',12.004878' tc rgb '#59636e'
set label 18 '2' at screen 0.229461,0.102324 center front font ',12.004878' tc rgb '#59636e'
set label 19 '5' at screen 0.307571,0.102324 center front font ',12.004878' tc rgb '#59636e'
set label 20 '10' at screen 0.366658,0.102324 center front font ',12.004878' tc rgb '#59636e'
set label 21 '20' at screen 0.425745,0.102324 center front font ',12.004878' tc rgb '#59636e'
set label 22 '50' at screen 0.503855,0.102324 center front font ',12.004878' tc rgb '#59636e'
set label 23 '100' at screen 0.562942,0.102324 center front font ',12.004878' tc rgb '#59636e'
set label 24 '200' at screen 0.622029,0.102324 center front font ',12.004878' tc rgb '#59636e'
set label 25 '500' at screen 0.700139,0.102324 center front font ',12.004878' tc rgb '#59636e'
set label 26 '1000' at screen 0.759226,0.102324 center front font ',12.004878' tc rgb '#59636e'
set label 27 '2000' at screen 0.818314,0.102324 center front font ',12.004878' tc rgb '#59636e'
set label 28 '5000' at screen 0.896423,0.102324 center front font ',12.004878' tc rgb '#59636e'
set label 29 '10000' at screen 0.95551,0.102324 center front font ',12.004878' tc rgb '#59636e'
set label 30 'arithmetic intensity (FLOP/B)' at screen 0.522562,0.07757 center front font ',13.04878' tc rgb '#1b1f24'
set label 31 'bf16, fp16 matrix  312 TFLOP/s' at screen 0.842607,0.787331 center front font ',13.04878' tc rgb '#1b1f24'
set label 32 'ridge 153 FLOP/B' at screen 0.599167,0.794321 center front font ',12.004878' tc rgb '#0068a3'
set label 33 'hbm  2.04 TB/s' at screen 0.129624,0.243159 center front font ',13.04878' tc rgb '#0068a3' rotate by 47
set label 34 '16 FLOP/B' at screen 0.406723,0.794321 center front font ',12.004878' tc rgb '#a14683'
set label 35 'l1_array  19.5 TB/s' at screen 0.134893,0.474539 center front font ',13.04878' tc rgb '#a14683' rotate by 47
set label 36 '43.2 FLOP/B' at screen 0.546815,0.758607 center front font ',12.004878' tc rgb '#007857'
set label 37 'l2  7.22 TB/s' at screen 0.117673,0.355046 center front font ',13.04878' tc rgb '#007857' rotate by 47
set label 38 'flash2' at screen 0.821164,0.74345 center front font ',13.04878' tc rgb '#1b1f24'
set label 39 'softmax' at screen 0.241578,0.229504 center front font ',13.04878' tc rgb '#1b1f24'
set label 40 'scores' at screen 0.578818,0.673415 center front font ',13.04878' tc rgb '#1b1f24'
set label 41 'values' at screen 0.639367,0.725542 center front font ',13.04878' tc rgb '#1b1f24'
set label 42 'int8 matrix  624 TFLOP/s' at screen 0.881458,0.854736 center front font ',11.482927' tc rgb '#59636e'
set label 43 'tf32 matrix  156 TFLOP/s' at screen 0.704795,0.695521 center front font ',11.482927' tc rgb '#59636e'
set label 44 'fp64 matrix  19.5 TFLOP/s' at screen 0.876879,0.509348 center front font ',11.482927' tc rgb '#59636e'
set label 45 'fp32 vector  19.5 TFLOP/s' at screen 0.87751,0.48823 center front font ',11.482927' tc rgb '#59636e'
set label 46 'fp64 vector  9.75 TFLOP/s' at screen 0.87751,0.440256 center front font ',11.482927' tc rgb '#59636e'
set label 47 'Naive attention: batch 4, 16 heads, 4096 tokens, head 128, fp16' at screen 0.049324,0.045744 left front font ',12.004878' tc rgb '#1b1f24'
set label 48 'Fused attention (flash2): batch 4, 16 heads, 4096 tokens, head 128, fp16' at screen 0.049324,0.021344 left front font ',12.004878' tc rgb '#1b1f24'
set label 49 'size of a point: share of the time' at screen 0.626129,0.021344 left front font ',12.004878' tc rgb '#1b1f24'
$d1 << END
0.5 9745920000000
12408 9745920000000
END
$d2 << END
1 19491840000000
12408 19491840000000
END
$d3 << END
1 19491840000000
12408 19491840000000
END
$d4 << END
8 155934720000000
12408 155934720000000
END
$d5 << END
16 311869440000000
12408 311869440000000
END
$d6 << END
32 623738880000000
12408 623738880000000
END
$d7 << END
0.3125 6091200000000
16 311869440000000
END
$d8 << END
16 435900553738.7487
16 311869440000000
END
$d9 << END
0.3125 2256000000000
43.2 311869440000000
END
$d10 << END
43.2 435900553738.7487
43.2 311869440000000
END
$d11 << END
0.3125 637187500000
152.9521530161844 311869440000000
END
$d12 << END
152.9521530161844 435900553738.7487
152.9521530161844 311869440000000
END
$d13 << END
21.430051813471504 166845080195365.2
2068 166845080195365.2

19.692307692307693 175625690461243.44
120.47058823529412 175625690461243.44

21.22279792746114 189627573286571.6
120.47058823529412 189627573286571.6

END
$d14 << END
1.25 1307701661216.246 2.188686
19.692307692307693 175625690461243.44 1.684179
21.22279792746114 189627573286571.6 1.653541
END
$d15 << END
21.430051813471504 166845080195365.2 2.294931
END
$d16 << END
1.25 1307701661216.246 2.188686
51.2 175625690461243.44 1.684179
63.01538461538462 189627573286571.6 1.653541
END
$d17 << END
125.33333333333333 166845080195365.2 2.294931
END
$d18 << END
1.25 1307701661216.246 2.188686
120.47058823529412 175625690461243.44 1.684179
120.47058823529412 189627573286571.6 1.653541
END
$d19 << END
2068 166845080195365.2 2.294931
END
plot $d1 using 1:2 with lines lw 1.043902 lc rgb '#8c959f' dt (8,5) notitle, \
     $d2 using 1:2 with lines lw 1.043902 lc rgb '#8c959f' dt (8,5) notitle, \
     $d3 using 1:2 with lines lw 1.043902 lc rgb '#8c959f' dt 1 notitle, \
     $d4 using 1:2 with lines lw 1.043902 lc rgb '#8c959f' dt 1 notitle, \
     $d5 using 1:2 with lines lw 2.087805 lc rgb '#1b1f24' dt 1 notitle, \
     $d6 using 1:2 with lines lw 1.043902 lc rgb '#8c959f' dt 1 notitle, \
     $d7 using 1:2 with lines lw 1.826829 lc rgb '#c063a0' dt 1 notitle, \
     $d8 using 1:2 with lines lw 1.043902 lc rgb '#c063a0' dt (2,4) notitle, \
     $d9 using 1:2 with lines lw 1.826829 lc rgb '#009e73' dt 1 notitle, \
     $d10 using 1:2 with lines lw 1.043902 lc rgb '#009e73' dt (2,4) notitle, \
     $d11 using 1:2 with lines lw 2.609756 lc rgb '#0072b2' dt 1 notitle, \
     $d12 using 1:2 with lines lw 1.043902 lc rgb '#0072b2' dt (2,4) notitle, \
     $d13 using 1:2 with lines lw 0.782927 lc rgb '#8c959f' dt 1 notitle, \
     $d14 using 1:2:($3 + 0.263612) with points pt 7 ps variable lc rgb '#ffffff' notitle, \
     $d14 using 1:2:3 with points pt 7 ps variable lc rgb '#c063a0' notitle, \
     $d15 using 1:2:($3 + 0.231978) with points pt 5 ps variable lc rgb '#ffffff' notitle, \
     $d15 using 1:2:3 with points pt 5 ps variable lc rgb '#c063a0' notitle, \
     $d16 using 1:2:($3 + 0.263612) with points pt 7 ps variable lc rgb '#ffffff' notitle, \
     $d16 using 1:2:3 with points pt 7 ps variable lc rgb '#009e73' notitle, \
     $d17 using 1:2:($3 + 0.231978) with points pt 5 ps variable lc rgb '#ffffff' notitle, \
     $d17 using 1:2:3 with points pt 5 ps variable lc rgb '#009e73' notitle, \
     $d18 using 1:2:($3 + 0.263612) with points pt 7 ps variable lc rgb '#ffffff' notitle, \
     $d18 using 1:2:3 with points pt 7 ps variable lc rgb '#0072b2' notitle, \
     $d19 using 1:2:($3 + 0.231978) with points pt 5 ps variable lc rgb '#ffffff' notitle, \
     $d19 using 1:2:3 with points pt 5 ps variable lc rgb '#0072b2' notitle
