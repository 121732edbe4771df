# Drawn by: gnuplot -d THIS_FILE > PICTURE
set encoding utf8
set terminal svg size 800,756 noenhanced font 'Arial,12' dynamic background rgb '#ffffff'
unset key
unset title
set lmargin at screen 0.072496
set rmargin at screen 0.973902
set tmargin at screen 0.887377
set bmargin at screen 0.140958
set border 3 lw 1 lc rgb '#8c959f'
set logscale x
set xrange [0.12415946205571565:440.4392678868553]
set xtics nomirror out scale 0.6,0.35 ('' 0.2 0, '' 0.30000000000000004 1, '' 0.4 1, '' 0.5 0, '' 0.6000000000000001 1, '' 0.7000000000000001 1, '' 0.8 1, '' 0.9 1, '' 1 0, '' 2 0, '' 3 1, '' 4 1, '' 5 0, '' 6 1, '' 7 1, '' 8 1, '' 9 1, '' 10 0, '' 20 0, '' 30 1, '' 40 1, '' 50 0, '' 60 1, '' 70 1, '' 80 1, '' 90 1, '' 100 0, '' 200 0, '' 300 1, '' 400 1)
set logscale y
set yrange [182541030.53849515:58475520000000]
set ytics nomirror out scale 0.6,0.35 ('' 200000000 0, '' 300000000 1, '' 400000000 1, '' 500000000 0, '' 600000000 1, '' 700000000 1, '' 800000000 1, '' 900000000 1, '' 1000000000 0, '' 2000000000 0, '' 3000000000 1, '' 4000000000 1, '' 5000000000 0, '' 6000000000 1, '' 7000000000 1, '' 8000000000 1, '' 9000000000 1, '' 10000000000 0, '' 20000000000 0, '' 30000000000 1, '' 40000000000 1, '' 50000000000 0, '' 60000000000 1, '' 70000000000 1, '' 80000000000 1, '' 90000000000 1, '' 100000000000 0, '' 200000000000 0, '' 300000000000 1, '' 400000000000 1, '' 500000000000 0, '' 600000000000 1, '' 700000000000 1, '' 800000000000 1, '' 900000000000 1, '' 1000000000000 0, '' 2000000000000 0, '' 3000000000000 1, '' 4000000000000 1, '' 5000000000000 0, '' 6000000000000 1, '' 7000000000000 1, '' 8000000000000 1, '' 9000000000000 1, '' 10000000000000 0, '' 20000000000000 0, '' 30000000000000 1, '' 40000000000000 1, '' 50000000000000 0)
set grid xtics ytics back lt 1 lw 1 lc rgb '#e6e9ed'
set label 1 '' at screen 0.030991,0.068464 point pt 7 ps 1.101897 lw 1 lc rgb '#59636e'
set label 2 '' at screen 0.030991,0.044645 point pt 5 ps 0.969669 lw 1 lc rgb '#59636e'
set label 3 '' at screen 0.505619,0.044645 point pt 9 ps 1.156992 lw 1 lc rgb '#59636e'
set label 4 'naive_attn_serial, naive_attn and fused_attn' at screen 0.016311,0.971607 left front font ',16.963415' tc rgb '#1b1f24'
set label 5 'Roofline on NVIDIA A100 SXM4 80 GB' at screen 0.016311,0.942912 left front font ',12.396341' tc rgb '#59636e'
set label 6 'performance (FLOP/s)' at screen 0.016311,0.910678 left front font ',13.04878' tc rgb '#1b1f24'
set label 7 '200 M' at screen 0.06271,0.146336 right front font ',12.004878' tc rgb '#59636e'
set label 8 '500 M' at screen 0.06271,0.200286 right front font ',12.004878' tc rgb '#59636e'
set label 9 '1 G' at screen 0.06271,0.241098 right front font ',12.004878' tc rgb '#59636e'
set label 10 '2 G' at screen 0.06271,0.28191 right front font ',12.004878' tc rgb '#59636e'
set label 11 '5 G' at screen 0.06271,0.33586 right front font ',12.004878' tc rgb '#59636e'
set label 12 '10 G' at screen 0.06271,0.376672 right front font ',12.004878' tc rgb '#59636e'
set label 13 '20 G' at screen 0.06271,0.417484 right front font ',12.004878' tc rgb '#59636e'
set label 14 '50 G' at screen 0.06271,0.471435 right front font ',12.004878' tc rgb '#59636e'
set label 15 '100 G' at screen 0.06271,0.512246 right front font ',12.004878' tc rgb '#59636e'
set label 16 '200 G' at screen 0.06271,0.553058 right front font ',12.004878' tc rgb '#59636e'
set label 17 '500 G' at screen 0.06271,0.607009 right front font ',12.004878' tc rgb '#59636e'
set label 18 '1 T' at screen 0.06271,0.647821 right front font ',12.004878' tc rgb '#59636e'
set label 19 '2 T' at screen 0.06271,0.688632 right front font ',12.004878' tc rgb '#59636e'
set label 20 '5 T' at screen 0.06271,0.742583 right front font ',12.004878' tc rgb '#59636e'
set label 21 '10 T' at screen 0.06271,0.783395 right front font ',12.004878' tc rgb '#59636e'
set label 22 '20 T' at screen 0.06271,0.824207 right front font ',12.004878' tc rgb '#59636e'
set label 23 '50 T' at screen 0.06271,0.878157 right front font ',12.004878' tc rgb '#59636e'
set label 24 '0.2' at screen 0.125071,0.123697 center front font ',12.004878' tc rgb '#59636e'
set label 25 '0.5' at screen 0.226118,0.123697 center front font ',12.004878' tc rgb '#59636e'
set label 26 '1' at screen 0.302557,0.123697 center front font ',12.004878' tc rgb '#59636e'
set label 27 '2' at screen 0.378995,0.123697 center front font ',12.004878' tc rgb '#59636e'
set label 28 '5' at screen 0.480042,0.123697 center front font ',12.004878' tc rgb '#59636e'
set label 29 '10' at screen 0.55648,0.123697 center front font ',12.004878' tc rgb '#59636e'
set label 30 '20' at screen 0.632919,0.123697 center front font ',12.004878' tc rgb '#59636e'
set label 31 '50' at screen 0.733966,0.123697 center front font ',12.004878' tc rgb '#59636e'
set label 32 '100' at screen 0.810404,0.123697 center front font ',12.004878' tc rgb '#59636e'
set label 33 '200' at screen 0.886843,0.123697 center front font ',12.004878' tc rgb '#59636e'
set label 34 'arithmetic intensity (FLOP/B)' at screen 0.523199,0.099533 center front font ',13.04878' tc rgb '#1b1f24'
set label 35 'fp32 vector  19.5 TFLOP/s' at screen 0.864366,0.834401 center front font ',13.04878' tc rgb '#1b1f24'
set label 36 'ridge 9.56 FLOP/B' at screen 0.551513,0.841425 center front font ',12.004878' tc rgb '#0068a3'
set label 37 'hbm  2.04 TB/s' at screen 0.14395,0.617745 center front font ',13.04878' tc rgb '#0068a3' rotate by 27
set label 38 '1 FLOP/B' at screen 0.302557,0.841425 center front font ',12.004878' tc rgb '#a14683'
set label 39 'l1_array  19.5 TB/s' at screen 0.15019,0.754155 center front font ',13.04878' tc rgb '#a14683' rotate by 27
set label 40 '2.7 FLOP/B' at screen 0.41209,0.841425 center front font ',12.004878' tc rgb '#007857'
set label 41 'l2  7.22 TB/s' at screen 0.128312,0.683723 center front font ',13.04878' tc rgb '#007857' rotate by 27
set label 42 'attention' at screen 0.796339,0.205643 center front font ',13.04878' tc rgb '#1b1f24'
set label 43 'flash2' at screen 0.816373,0.810856 center front font ',13.04878' tc rgb '#1b1f24'
set label 44 'scores' at screen 0.736581,0.755177 center front font ',13.04878' tc rgb '#1b1f24'
set label 45 'values' at screen 0.713151,0.804504 center front font ',13.04878' tc rgb '#1b1f24'
set label 46 'softmax' at screen 0.374991,0.61362 center front font ',13.04878' tc rgb '#1b1f24'
set label 47 'fp64 matrix  19.5 TFLOP/s' at screen 0.566635,0.812381 center front font ',11.482927' tc rgb '#59636e'
set label 48 'fp64 vector  9.75 TFLOP/s' at screen 0.530635,0.792184 center front font ',11.482927' tc rgb '#59636e'
set label 49 'Textbook attention on one lane: one head, N = 1024, d = 128, fp32' at screen 0.049324,0.068464 left front font ',12.004878' tc rgb '#1b1f24'
set label 50 'Textbook attention: one head, N = 1024, d = 128, fp32' at screen 0.049324,0.044645 left front font ',12.004878' tc rgb '#1b1f24'
set label 51 'Fused attention: one head, N = 1024, d = 128, fp32' at screen 0.523952,0.044645 left front font ',12.004878' tc rgb '#1b1f24'
set label 52 'size of a point: share of the time' at screen 0.016311,0.020826 left front font ',12.004878' tc rgb '#1b1f24'
set label 53 'not shown: 2 kernels without FLOP (under 0.1 %)' at screen 0.284905,0.020826 left front font ',12.004878' tc rgb '#1b1f24'
$d1 << END
0.5 9745920000000
440.4392678868553 9745920000000
END
$d2 << END
1 19491840000000
440.4392678868553 19491840000000
END
$d3 << END
1 19491840000000
440.4392678868553 19491840000000
END
$d4 << END
0.12415946205571565 2420096368876.0806
1 19491840000000
END
$d5 << END
1 182541030.53849515
1 19491840000000
END
$d6 << END
0.12415946205571565 896331988472.6224
2.7 19491840000000
END
$d7 << END
2.7 182541030.53849515
2.7 19491840000000
END
$d8 << END
0.12415946205571565 253161143131.60422
9.559509563511526 19491840000000
END
$d9 << END
9.559509563511526 182541030.53849515
9.559509563511526 19491840000000
END
$d10 << END
0.4966378482228626 547623091.6154854
51.7 547623091.6154854

1.282741643163822 10706458139524.645
73.40654464780921 10706458139524.645

1.8285714285714285 9502759044616.412
51.2 9502759044616.412

1.8285714285714285 9503077264470.148
56.888888888888886 9503077264470.148

0.625 559413379785.8494
1.25 559413379785.8494

END
$d11 << END
0.4966378482228626 547623091.6154854 2.60975
END
$d12 << END
1.8285714285714285 9502759044616.412 1.597175
1.8285714285714285 9503077264470.148 1.597161
0.625 559413379785.8494 1.244558
END
$d13 << END
1.282741643163822 10706458139524.645 2.523901
END
$d14 << END
0.5004840271055179 547623091.6154854 2.60975
END
$d15 << END
21.333333333333332 9502759044616.412 1.597175
21.333333333333332 9503077264470.148 1.597161
0.625 559413379785.8494 1.244558
END
$d16 << END
27.149128205128203 10706458139524.645 2.523901
END
$d17 << END
51.7 547623091.6154854 2.60975
END
$d18 << END
51.2 9502759044616.412 1.597175
56.888888888888886 9503077264470.148 1.597161
1.25 559413379785.8494 1.244558
END
$d19 << END
73.40654464780921 10706458139524.645 2.523901
END
plot $d1 using 1:2 with lines lw 1.043902 lc rgb '#8c959f' dt (8,5) notitle, \
     $d2 using 1:2 with lines lw 2.087805 lc rgb '#1b1f24' dt (8,5) notitle, \
     $d3 using 1:2 with lines lw 1.043902 lc rgb '#8c959f' dt 1 notitle, \
     $d4 using 1:2 with lines lw 1.826829 lc rgb '#c063a0' dt 1 notitle, \
     $d5 using 1:2 with lines lw 1.043902 lc rgb '#c063a0' dt (2,4) notitle, \
     $d6 using 1:2 with lines lw 1.826829 lc rgb '#009e73' dt 1 notitle, \
     $d7 using 1:2 with lines lw 1.043902 lc rgb '#009e73' dt (2,4) notitle, \
     $d8 using 1:2 with lines lw 2.609756 lc rgb '#0072b2' dt 1 notitle, \
     $d9 using 1:2 with lines lw 1.043902 lc rgb '#0072b2' dt (2,4) notitle, \
     $d10 using 1:2 with lines lw 0.782927 lc rgb '#8c959f' dt 1 notitle, \
     $d11 using 1:2:($3 + 0.263612) with points pt 7 ps variable lc rgb '#ffffff' notitle, \
     $d11 using 1:2:3 with points pt 7 ps variable lc rgb '#c063a0' notitle, \
     $d12 using 1:2:($3 + 0.231978) with points pt 5 ps variable lc rgb '#ffffff' notitle, \
     $d12 using 1:2:3 with points pt 5 ps variable lc rgb '#c063a0' notitle, \
     $d13 using 1:2:($3 + 0.276792) with points pt 9 ps variable lc rgb '#ffffff' notitle, \
     $d13 using 1:2:3 with points pt 9 ps variable lc rgb '#c063a0' notitle, \
     $d14 using 1:2:($3 + 0.263612) with points pt 7 ps variable lc rgb '#ffffff' notitle, \
     $d14 using 1:2:3 with points pt 7 ps variable lc rgb '#009e73' notitle, \
     $d15 using 1:2:($3 + 0.231978) with points pt 5 ps variable lc rgb '#ffffff' notitle, \
     $d15 using 1:2:3 with points pt 5 ps variable lc rgb '#009e73' notitle, \
     $d16 using 1:2:($3 + 0.276792) with points pt 9 ps variable lc rgb '#ffffff' notitle, \
     $d16 using 1:2:3 with points pt 9 ps variable lc rgb '#009e73' notitle, \
     $d17 using 1:2:($3 + 0.263612) with points pt 7 ps variable lc rgb '#ffffff' notitle, \
     $d17 using 1:2:3 with points pt 7 ps variable lc rgb '#0072b2' notitle, \
     $d18 using 1:2:($3 + 0.231978) with points pt 5 ps variable lc rgb '#ffffff' notitle, \
     $d18 using 1:2:3 with points pt 5 ps variable lc rgb '#0072b2' notitle, \
     $d19 using 1:2:($3 + 0.276792) with points pt 9 ps variable lc rgb '#ffffff' notitle, \
     $d19 using 1:2:3 with points pt 9 ps variable lc rgb '#0072b2' notitle
