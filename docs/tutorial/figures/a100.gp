# Drawn by: gnuplot -d THIS_FILE > PICTURE
set encoding utf8
set terminal svg size 800,720 noenhanced font 'Arial,12' dynamic background rgb '#ffffff'
unset key
unset title
set lmargin at screen 0.071221
set rmargin at screen 0.973902
set tmargin at screen 0.881745
set bmargin at screen 0.098006
set border 3 lw 1 lc rgb '#8c959f'
set logscale x
set xrange [0.020833333333333332:8397.773735384031]
set xtics nomirror out scale 0.6,0.35 ('' 0.03 1, '' 0.04 1, '' 0.05 1, '' 0.06 1, '' 0.07 1, '' 0.08 1, '' 0.09 1, '' 0.1 0, '' 0.2 1, '' 0.30000000000000004 1, '' 0.4 1, '' 0.5 1, '' 0.6000000000000001 1, '' 0.7000000000000001 1, '' 0.8 1, '' 0.9 1, '' 1 0, '' 2 1, '' 3 1, '' 4 1, '' 5 1, '' 6 1, '' 7 1, '' 8 1, '' 9 1, '' 10 0, '' 20 1, '' 30 1, '' 40 1, '' 50 1, '' 60 1, '' 70 1, '' 80 1, '' 90 1, '' 100 0, '' 200 1, '' 300 1, '' 400 1, '' 500 1, '' 600 1, '' 700 1, '' 800 1, '' 900 1, '' 1000 0, '' 2000 1, '' 3000 1, '' 4000 1, '' 5000 1, '' 6000 1, '' 7000 1, '' 8000 1)
set logscale y
set yrange [46988980206.06902:935608320000000]
set ytics nomirror out scale 0.6,0.35 ('' 50000000000 0, '' 60000000000 1, '' 70000000000 1, '' 80000000000 1, '' 90000000000 1, '' 100000000000 0, '' 200000000000 0, '' 300000000000 1, '' 400000000000 1, '' 500000000000 0, '' 600000000000 1, '' 700000000000 1, '' 800000000000 1, '' 900000000000 1, '' 1000000000000 0, '' 2000000000000 0, '' 3000000000000 1, '' 4000000000000 1, '' 5000000000000 0, '' 6000000000000 1, '' 7000000000000 1, '' 8000000000000 1, '' 9000000000000 1, '' 10000000000000 0, '' 20000000000000 0, '' 30000000000000 1, '' 40000000000000 1, '' 50000000000000 0, '' 60000000000000 1, '' 70000000000000 1, '' 80000000000000 1, '' 90000000000000 1, '' 100000000000000 0, '' 200000000000000 0, '' 300000000000000 1, '' 400000000000000 1, '' 500000000000000 0, '' 600000000000000 1, '' 700000000000000 1, '' 800000000000000 1, '' 900000000000000 1)
set grid xtics ytics back lt 1 lw 1 lc rgb '#e6e9ed'
set arrow 1 from screen 0.623534,0.745957 to screen 0.607211,0.789742 nohead front lw 1 lc rgb '#8c959f' dt 1
set label 1 '' at screen 0.030991,0.021888 point pt 7 ps 1.101897 lw 1 lc rgb '#59636e'
set label 2 '' at screen 0.334129,0.021888 point pt 5 ps 0.969669 lw 1 lc rgb '#59636e'
set label 3 'vector_add and gemm' at screen 0.016311,0.970187 left front font ',16.963415' tc rgb '#1b1f24'
set label 4 'Roofline on NVIDIA A100 SXM4 80 GB' at screen 0.016311,0.940057 left front font ',12.396341' tc rgb '#59636e'
set label 5 'performance (FLOP/s)' at screen 0.016311,0.906212 left front font ',13.04878' tc rgb '#1b1f24'
set label 6 '50 G' at screen 0.061434,0.102923 right front font ',12.004878' tc rgb '#59636e'
set label 7 '100 G' at screen 0.061434,0.157802 right front font ',12.004878' tc rgb '#59636e'
set label 8 '200 G' at screen 0.061434,0.212681 right front font ',12.004878' tc rgb '#59636e'
set label 9 '500 G' at screen 0.061434,0.285226 right front font ',12.004878' tc rgb '#59636e'
set label 10 '1 T' at screen 0.061434,0.340105 right front font ',12.004878' tc rgb '#59636e'
set label 11 '2 T' at screen 0.061434,0.394984 right front font ',12.004878' tc rgb '#59636e'
set label 12 '5 T' at screen 0.061434,0.46753 right front font ',12.004878' tc rgb '#59636e'
set label 13 '10 T' at screen 0.061434,0.522408 right front font ',12.004878' tc rgb '#59636e'
set label 14 '20 T' at screen 0.061434,0.577287 right front font ',12.004878' tc rgb '#59636e'
set label 15 '50 T' at screen 0.061434,0.649833 right front font ',12.004878' tc rgb '#59636e'
set label 16 '100 T' at screen 0.061434,0.704712 right front font ',12.004878' tc rgb '#59636e'
set label 17 '200 T' at screen 0.061434,0.759591 right front font ',12.004878' tc rgb '#59636e'
set label 18 '500 T' at screen 0.061434,0.832136 right front font ',12.004878' tc rgb '#59636e'
set label 19 '0.1' at screen 0.180926,0.079882 center front font ',12.004878' tc rgb '#59636e'
set label 20 '1' at screen 0.341964,0.079882 center front font ',12.004878' tc rgb '#59636e'
set label 21 '10' at screen 0.503002,0.079882 center front font ',12.004878' tc rgb '#59636e'
set label 22 '100' at screen 0.664039,0.079882 center front font ',12.004878' tc rgb '#59636e'
set label 23 '1000' at screen 0.825077,0.079882 center front font ',12.004878' tc rgb '#59636e'
set label 24 'arithmetic intensity (FLOP/B)' at screen 0.522562,0.05451 center front font ',13.04878' tc rgb '#1b1f24'
set label 25 'bf16, fp16 matrix  312 TFLOP/s' at screen 0.842607,0.80727 center front font ',13.04878' tc rgb '#1b1f24'
set label 26 'fp32 vector  19.5 TFLOP/s' at screen 0.864366,0.587545 center front font ',13.04878' tc rgb '#1b1f24'
set label 27 'ridge 153 FLOP/B' at screen 0.61901,0.811701 center front font ',12.004878' tc rgb '#0068a3'
set label 28 'hbm  2.04 TB/s' at screen 0.221115,0.276645 center front font ',13.04878' tc rgb '#0068a3' rotate by 46
set label 29 '16 FLOP/B' at screen 0.487616,0.811701 center front font ',12.004878' tc rgb '#a14683'
set label 30 'l1_array  19.5 TB/s' at screen 0.137396,0.360817 center front font ',13.04878' tc rgb '#a14683' rotate by 46
set label 31 '43.2 FLOP/B' at screen 0.673016,0.73562 center front font ',12.004878' tc rgb '#007857'
set label 32 'l2  7.22 TB/s' at screen 0.124584,0.267314 center front font ',13.04878' tc rgb '#007857' rotate by 46
set label 33 'add' at screen 0.204907,0.184986 center front font ',13.04878' tc rgb '#1b1f24'
set label 34 'gemm' at screen 0.871809,0.774223 center front font ',13.04878' tc rgb '#1b1f24'
set label 35 'int8 matrix  624 TFLOP/s' at screen 0.881458,0.860425 center front font ',11.482927' tc rgb '#59636e'
set label 36 'tf32 matrix  156 TFLOP/s' at screen 0.880898,0.729099 center front font ',11.482927' tc rgb '#59636e'
set label 37 'fp64 matrix  19.5 TFLOP/s' at screen 0.876879,0.564424 center front font ',11.482927' tc rgb '#59636e'
set label 38 'fp64 vector  9.75 TFLOP/s' at screen 0.87751,0.531191 center front font ',11.482927' tc rgb '#59636e'
set label 39 'Vector add, 2^26 fp32 elements' at screen 0.049324,0.021888 left front font ',12.004878' tc rgb '#1b1f24'
set label 40 'Matrix product, 4096 x 4096 x 4096, fp16' at screen 0.352463,0.021888 left front font ',12.004878' tc rgb '#1b1f24'
set label 41 'size of a point: share of the time' at screen 0.69121,0.021888 left front font ',12.004878' tc rgb '#1b1f24'
$d1 << END
0.5 9745920000000
8397.773735384031 9745920000000
END
$d2 << END
1 19491840000000
8397.773735384031 19491840000000
END
$d3 << END
1 19491840000000
8397.773735384031 19491840000000
END
$d4 << END
8 155934720000000
8397.773735384031 155934720000000
END
$d5 << END
16 311869440000000
8397.773735384031 311869440000000
END
$d6 << END
32 623738880000000
8397.773735384031 623738880000000
END
$d7 << END
0.020833333333333332 406080000000
16 311869440000000
END
$d8 << END
16 46988980206.06902
16 311869440000000
END
$d9 << END
0.020833333333333332 150400000000
43.2 311869440000000
END
$d10 << END
43.2 46988980206.06902
43.2 311869440000000
END
$d11 << END
0.023045110449273674 46988980206.06902
152.9521530161844 311869440000000
END
$d12 << END
152.9521530161844 46988980206.06902
152.9521530161844 311869440000000
END
$d13 << END
23.141242937853107 240600240480535.78
990.967741935484 240600240480535.78

END
$d14 << END
0.08333333333333333 140966940618.20706 2.596747
END
$d15 << END
23.141242937853107 240600240480535.78 2.267295
END
$d16 << END
0.08333333333333333 140966940618.20706 2.596747
END
$d17 << END
83.59183673469387 240600240480535.78 2.267295
END
$d18 << END
0.08333333333333333 140966940618.20706 2.596747
END
$d19 << END
990.967741935484 240600240480535.78 2.267295
END
plot $d1 using 1:2 with lines lw 1.043902 lc rgb '#8c959f' dt (8,5) notitle, \
     $d2 using 1:2 with lines lw 2.087805 lc rgb '#1b1f24' dt (8,5) notitle, \
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
