# Drawn by: gnuplot -d THIS_FILE > PICTURE
set encoding utf8
set terminal svg size 800,720 noenhanced font 'Arial,12' dynamic background rgb '#ffffff'
unset key
unset title
set lmargin at screen 0.054774
set rmargin at screen 0.973902
set tmargin at screen 0.881745
set bmargin at screen 0.098006
set border 3 lw 1 lc rgb '#8c959f'
set logscale x
set xrange [0.020833333333333332:96]
set xtics nomirror out scale 0.6,0.35 ('' 0.03 1, '' 0.04 1, '' 0.05 0, '' 0.06 1, '' 0.07 1, '' 0.08 1, '' 0.09 1, '' 0.1 0, '' 0.2 0, '' 0.30000000000000004 1, '' 0.4 1, '' 0.5 0, '' 0.6000000000000001 1, '' 0.7000000000000001 1, '' 0.8 1, '' 0.9 1, '' 1 0, '' 2 0, '' 3 1, '' 4 1, '' 5 0, '' 6 1, '' 7 1, '' 8 1, '' 9 1, '' 10 0, '' 20 0, '' 30 1, '' 40 1, '' 50 0, '' 60 1, '' 70 1, '' 80 1, '' 90 1)
set logscale y
set yrange [2.7777777777777772:1200]
set ytics nomirror out scale 0.6,0.35 ('' 3 1, '' 4 1, '' 5 0, '' 6 1, '' 7 1, '' 8 1, '' 9 1, '' 10 0, '' 20 0, '' 30 1, '' 40 1, '' 50 0, '' 60 1, '' 70 1, '' 80 1, '' 90 1, '' 100 0, '' 200 0, '' 300 1, '' 400 1, '' 500 0, '' 600 1, '' 700 1, '' 800 1, '' 900 1, '' 1000 0)
set grid xtics ytics back lt 1 lw 1 lc rgb '#e6e9ed'
set label 1 'An addition and two products' at screen 0.016311,0.970187 left front font ',16.963415' tc rgb '#1b1f24'
set label 2 'Roofline: 9694 s on Toy machine (100 B/s, 400 FLOP/s)' at screen 0.016311,0.940057 left front font ',12.396341' tc rgb '#59636e'
set label 3 'performance (FLOP/s)' at screen 0.016311,0.906212 left front font ',13.04878' tc rgb '#1b1f24'
set label 4 '5' at screen 0.044988,0.173918 right front font ',12.004878' tc rgb '#59636e'
set label 5 '10' at screen 0.044988,0.263439 right front font ',12.004878' tc rgb '#59636e'
set label 6 '20' at screen 0.044988,0.352959 right front font ',12.004878' tc rgb '#59636e'
set label 7 '50' at screen 0.044988,0.471298 right front font ',12.004878' tc rgb '#59636e'
set label 8 '100' at screen 0.044988,0.560819 right front font ',12.004878' tc rgb '#59636e'
set label 9 '200' at screen 0.044988,0.650339 right front font ',12.004878' tc rgb '#59636e'
set label 10 '500' at screen 0.044988,0.768678 right front font ',12.004878' tc rgb '#59636e'
set label 11 '1 k' at screen 0.044988,0.858199 right front font ',12.004878' tc rgb '#59636e'
set label 12 '0.05' at screen 0.150164,0.079882 center front font ',12.004878' tc rgb '#59636e'
set label 13 '0.1' at screen 0.225689,0.079882 center front font ',12.004878' tc rgb '#59636e'
set label 14 '0.2' at screen 0.301213,0.079882 center front font ',12.004878' tc rgb '#59636e'
set label 15 '0.5' at screen 0.401051,0.079882 center front font ',12.004878' tc rgb '#59636e'
set label 16 '1' at screen 0.476576,0.079882 center front font ',12.004878' tc rgb '#59636e'
set label 17 '2' at screen 0.552101,0.079882 center front font ',12.004878' tc rgb '#59636e'
set label 18 '5' at screen 0.651939,0.079882 center front font ',12.004878' tc rgb '#59636e'
set label 19 '10' at screen 0.727463,0.079882 center front font ',12.004878' tc rgb '#59636e'
set label 20 '20' at screen 0.802988,0.079882 center front font ',12.004878' tc rgb '#59636e'
set label 21 '50' at screen 0.902826,0.079882 center front font ',12.004878' tc rgb '#59636e'
set label 22 'arithmetic intensity (FLOP/B)' at screen 0.514338,0.05451 center front font ',13.04878' tc rgb '#1b1f24'
set label 23 '400 FLOP/s' at screen 0.924064,0.751577 center front font ',13.04878' tc rgb '#1b1f24'
set label 24 'ridge 4 FLOP/B' at screen 0.627625,0.759529 center front font ',12.004878' tc rgb '#0068a3'
set label 25 'dram  100 B/s' at screen 0.119881,0.155312 center front font ',13.04878' tc rgb '#0068a3' rotate by 47
set label 26 'product 96' at screen 0.778674,0.757536 center front font ',13.04878' tc rgb '#1b1f24'
set label 27 'add' at screen 0.239728,0.239892 center front font ',13.04878' tc rgb '#1b1f24'
set label 28 'product 24' at screen 0.684804,0.700042 center front font ',13.04878' tc rgb '#1b1f24'
set label 29 'size of a point: share of the time' at screen 0.016311,0.021888 left front font ',12.004878' tc rgb '#1b1f24'
$d1 << END
4 400
96 400
END
$d2 << END
0.027777777777777773 2.7777777777777772
4 400
END
$d3 << END
4 2.7777777777777772
4 400
END
$d4 << END
16 368.63999999999993 2.094185
0.08333333333333333 8.333333333333332 2.094185
4 293.87755102040813 1.041316
END
plot $d1 using 1:2 with lines lw 2.087805 lc rgb '#1b1f24' dt (2,4) notitle, \
     $d2 using 1:2 with lines lw 2.609756 lc rgb '#0072b2' dt 1 notitle, \
     $d3 using 1:2 with lines lw 1.043902 lc rgb '#0072b2' dt (2,4) notitle, \
     $d4 using 1:2:($3 + 0.263612) with points pt 7 ps variable lc rgb '#ffffff' notitle, \
     $d4 using 1:2:3 with points pt 7 ps variable lc rgb '#0072b2' notitle
