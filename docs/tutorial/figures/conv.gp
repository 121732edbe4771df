# Drawn by: gnuplot -d THIS_FILE > PICTURE
set encoding utf8
set terminal svg size 800,774 noenhanced font 'Arial,12' dynamic background rgb '#ffffff'
unset key
unset title
set lmargin at screen 0.068715
set rmargin at screen 0.973902
set tmargin at screen 0.889996
set bmargin at screen 0.160935
set border 3 lw 1 lc rgb '#8c959f'
set logscale x
set xrange [0.8834355828220859:1723.0550079491259]
set xtics nomirror out scale 0.6,0.35 ('' 0.9 1, '' 1 0, '' 2 0, '' 3 1, '' 4 1, '' 5 0, '' 6 1, '' 7 1, '' 8 1, '' 9 1, '' 10 0, '' 20 0, '' 30 1, '' 40 1, '' 50 0, '' 60 1, '' 70 1, '' 80 1, '' 90 1, '' 100 0, '' 200 0, '' 300 1, '' 400 1, '' 500 0, '' 600 1, '' 700 1, '' 800 1, '' 900 1, '' 1000 0)
set logscale y
set yrange [3118694400000:935608320000000]
set ytics nomirror out scale 0.6,0.35 ('' 4000000000000 1, '' 5000000000000 0, '' 6000000000000 1, '' 7000000000000 1, '' 8000000000000 1, '' 9000000000000 1, '' 10000000000000 0, '' 20000000000000 0, '' 30000000000000 1, '' 40000000000000 1, '' 50000000000000 0, '' 60000000000000 1, '' 70000000000000 1, '' 80000000000000 1, '' 90000000000000 1, '' 100000000000000 0, '' 200000000000000 0, '' 300000000000000 1, '' 400000000000000 1, '' 500000000000000 0, '' 600000000000000 1, '' 700000000000000 1, '' 800000000000000 1, '' 900000000000000 1)
set grid xtics ytics back lt 1 lw 1 lc rgb '#e6e9ed'
set label 1 '' at screen 0.030991,0.090128 point pt 7 ps 1.101897 lw 1 lc rgb '#59636e'
set label 2 '' at screen 0.030991,0.066863 point pt 5 ps 0.969669 lw 1 lc rgb '#59636e'
set label 3 '' at screen 0.030991,0.043598 point pt 9 ps 1.156992 lw 1 lc rgb '#59636e'
set label 4 'conv_direct, conv_im2col and conv_implicit_gemm' at screen 0.016311,0.972267 left front font ',16.963415' tc rgb '#1b1f24'
set label 5 'Roofline on NVIDIA A100 SXM4 80 GB' at screen 0.016311,0.944239 left front font ',12.396341' tc rgb '#59636e'
set label 6 'performance (FLOP/s)' at screen 0.016311,0.912755 left front font ',13.04878' tc rgb '#1b1f24'
set label 7 '5 T' at screen 0.058928,0.22127 right front font ',12.004878' tc rgb '#59636e'
set label 8 '10 T' at screen 0.058928,0.309868 right front font ',12.004878' tc rgb '#59636e'
set label 9 '20 T' at screen 0.058928,0.398467 right front font ',12.004878' tc rgb '#59636e'
set label 10 '50 T' at screen 0.058928,0.515587 right front font ',12.004878' tc rgb '#59636e'
set label 11 '100 T' at screen 0.058928,0.604186 right front font ',12.004878' tc rgb '#59636e'
set label 12 '200 T' at screen 0.058928,0.692784 right front font ',12.004878' tc rgb '#59636e'
set label 13 '500 T' at screen 0.058928,0.809905 right front font ',12.004878' tc rgb '#59636e'
set label 14 '1' at screen 0.083523,0.144077 center front font ',12.004878' tc rgb '#59636e'
set label 15 '2' at screen 0.166344,0.144077 center front font ',12.004878' tc rgb '#59636e'
set label 16 '5' at screen 0.275826,0.144077 center front font ',12.004878' tc rgb '#59636e'
set label 17 '10' at screen 0.358646,0.144077 center front font ',12.004878' tc rgb '#59636e'
set label 18 '20' at screen 0.441466,0.144077 center front font ',12.004878' tc rgb '#59636e'
set label 19 '50' at screen 0.550948,0.144077 center front font ',12.004878' tc rgb '#59636e'
set label 20 '100' at screen 0.633769,0.144077 center front font ',12.004878' tc rgb '#59636e'
set label 21 '200' at screen 0.716589,0.144077 center front font ',12.004878' tc rgb '#59636e'
set label 22 '500' at screen 0.826071,0.144077 center front font ',12.004878' tc rgb '#59636e'
set label 23 '1000' at screen 0.908891,0.144077 center front font ',12.004878' tc rgb '#59636e'
set label 24 'arithmetic intensity (FLOP/B)' at screen 0.521309,0.120474 center front font ',13.04878' tc rgb '#1b1f24'
set label 25 'bf16, fp16 matrix  312 TFLOP/s' at screen 0.842607,0.761204 center front font ',13.04878' tc rgb '#1b1f24'
set label 26 'ridge 153 FLOP/B' at screen 0.609794,0.765326 center front font ',12.004878' tc rgb '#0068a3'
set label 27 'hbm  2.04 TB/s' at screen 0.171857,0.216999 center front font ',13.04878' tc rgb '#0068a3' rotate by 46
set label 28 '16 FLOP/B' at screen 0.414804,0.767868 center front font ',12.004878' tc rgb '#a14683'
set label 29 'l1_array  19.5 TB/s' at screen 0.134356,0.465639 center front font ',13.04878' tc rgb '#a14683' rotate by 46
set label 30 '43.2 FLOP/B' at screen 0.588904,0.733815 center front font ',12.004878' tc rgb '#007857'
set label 31 'l2  7.22 TB/s' at screen 0.235083,0.446098 center front font ',13.04878' tc rgb '#007857' rotate by 46
set label 32 'direct' at screen 0.759815,0.421391 center front font ',13.04878' tc rgb '#1b1f24'
set label 33 'implicit_gemm' at screen 0.759815,0.681093 center front font ',13.04878' tc rgb '#1b1f24'
set label 34 'gemm' at screen 0.610071,0.591363 center front font ',13.04878' tc rgb '#1b1f24'
set label 35 'int8 matrix  624 TFLOP/s' at screen 0.881458,0.848198 center front font ',11.482927' tc rgb '#59636e'
set label 36 'tf32 matrix  156 TFLOP/s' at screen 0.880898,0.650938 center front font ',11.482927' tc rgb '#59636e'
set label 37 'fp64 matrix  19.5 TFLOP/s' at screen 0.876879,0.385106 center front font ',11.482927' tc rgb '#59636e'
set label 38 'fp32 vector  19.5 TFLOP/s' at screen 0.633352,0.405242 center front font ',11.482927' tc rgb '#59636e'
set label 39 'fp64 vector  9.75 TFLOP/s' at screen 0.87751,0.316643 center front font ',11.482927' tc rgb '#59636e'
set label 40 'Convolution, direct: batch 32, 64 to 64 channels, 56 x 56, 3 x 3, fp16' at screen 0.049324,0.090128 left front font ',12.004878' tc rgb '#1b1f24'
set label 41 'Convolution by im2col and a matrix product: batch 32, 64 to 64 channels, 56 x 56, 3 x 3, fp16' at screen 0.049324,0.066863 left front font ',12.004878' tc rgb '#1b1f24'
set label 42 'Convolution as implicit GEMM: batch 32, 64 to 64 channels, 56 x 56, 3 x 3, fp16' at screen 0.049324,0.043598 left front font ',12.004878' tc rgb '#1b1f24'
set label 43 'size of a point: share of the time' at screen 0.674613,0.043598 left front font ',12.004878' tc rgb '#1b1f24'
set label 44 'not shown: 1 kernel without FLOP (29.5 %)' at screen 0.016311,0.020332 left front font ',12.004878' tc rgb '#1b1f24'
$d1 << END
0.8834355828220859 9745920000000
1723.0550079491259 9745920000000
END
$d2 << END
1 19491840000000
1723.0550079491259 19491840000000
END
$d3 << END
1 19491840000000
1723.0550079491259 19491840000000
END
$d4 << END
8 155934720000000
1723.0550079491259 155934720000000
END
$d5 << END
16 311869440000000
1723.0550079491259 311869440000000
END
$d6 << END
32 623738880000000
1723.0550079491259 623738880000000
END
$d7 << END
0.8834355828220859 17219785030674.848
16 311869440000000
END
$d8 << END
16 3118694400000
16 311869440000000
END
$d9 << END
0.8834355828220859 6377698159509.202
43.2 311869440000000
END
$d10 << END
43.2 3118694400000
43.2 311869440000000
END
$d11 << END
1.5295215301618441 3118694400000
152.9521530161844 311869440000000
END
$d12 << END
152.9521530161844 3118694400000
152.9521530161844 311869440000000
END
$d13 << END
3.5337423312883436 19048180098058.348
287.1758346581876 19048180098058.348

19.041322314049587 145926908185355.94
287.1758346581876 145926908185355.94

10.472727272727273 90455175781134.67
57.56695774109249 90455175781134.67

END
$d14 << END
3.5337423312883436 19048180098058.348 2.593852
END
$d15 << END
10.472727272727273 90455175781134.67 1.472173
END
$d16 << END
19.041322314049587 145926908185355.94 2.622893
END
$d17 << END
27.105882352941176 19048180098058.348 2.593852
END
$d18 << END
30.31578947368421 90455175781134.67 1.472173
END
$d19 << END
47.02040816326531 145926908185355.94 2.622893
END
$d20 << END
287.1758346581876 19048180098058.348 2.593852
END
$d21 << END
57.56695774109249 90455175781134.67 1.472173
END
$d22 << END
287.1758346581876 145926908185355.94 2.622893
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
     $d16 using 1:2:($3 + 0.276792) with points pt 9 ps variable lc rgb '#ffffff' notitle, \
     $d16 using 1:2:3 with points pt 9 ps variable lc rgb '#c063a0' notitle, \
     $d17 using 1:2:($3 + 0.263612) with points pt 7 ps variable lc rgb '#ffffff' notitle, \
     $d17 using 1:2:3 with points pt 7 ps variable lc rgb '#009e73' notitle, \
     $d18 using 1:2:($3 + 0.231978) with points pt 5 ps variable lc rgb '#ffffff' notitle, \
     $d18 using 1:2:3 with points pt 5 ps variable lc rgb '#009e73' notitle, \
     $d19 using 1:2:($3 + 0.276792) with points pt 9 ps variable lc rgb '#ffffff' notitle, \
     $d19 using 1:2:3 with points pt 9 ps variable lc rgb '#009e73' notitle, \
     $d20 using 1:2:($3 + 0.263612) with points pt 7 ps variable lc rgb '#ffffff' notitle, \
     $d20 using 1:2:3 with points pt 7 ps variable lc rgb '#0072b2' notitle, \
     $d21 using 1:2:($3 + 0.231978) with points pt 5 ps variable lc rgb '#ffffff' notitle, \
     $d21 using 1:2:3 with points pt 5 ps variable lc rgb '#0072b2' notitle, \
     $d22 using 1:2:($3 + 0.276792) with points pt 9 ps variable lc rgb '#ffffff' notitle, \
     $d22 using 1:2:3 with points pt 9 ps variable lc rgb '#0072b2' notitle
