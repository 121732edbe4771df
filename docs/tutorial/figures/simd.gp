# Drawn by: gnuplot -d THIS_FILE > PICTURE
set encoding utf8
set terminal svg size 800,693 noenhanced font 'Arial,12' dynamic background rgb '#ffffff'
unset key
unset title
set lmargin at screen 0.059516
set rmargin at screen 0.973902
set tmargin at screen 0.877138
set bmargin at screen 0.062863
set border 3 lw 1 lc rgb '#8c959f'
set logscale x
set xrange [0.7791645796604998:82.13925744402587]
set xtics nomirror out scale 0.6,0.35 ('' 1 0, '' 2 0, '' 4 0, '' 8 0, '' 16 0, '' 32 0, '' 64 0)
set logscale y
set yrange [2.000732421875e-12:6.7777734375e-11]
set ytics nomirror out scale 0.6,0.35 ('' 3e-12 1, '' 4e-12 1, '' 5e-12 0, '' 6e-12 1, '' 7e-12 1, '' 8e-12 1, '' 9e-12 1, '' 1e-11 0, '' 2e-11 0, '' 3e-11 1, '' 4e-11 1, '' 4.9999999999999995e-11 0, '' 6e-11 1)
set grid xtics ytics back lt 1 lw 1 lc rgb '#e6e9ed'
set label 1 'gemm' at screen 0.016311,0.969026 left front font ',16.963415' tc rgb '#1b1f24'
set label 2 'energy of work over operations.fma.elements on SIMD core' at screen 0.016311,0.937722 left front font ',12.396341' tc rgb '#59636e'
set label 3 'energy of work (J/FLOP)' at screen 0.016311,0.902558 left front font ',13.04878' tc rgb '#1b1f24'
set label 4 '5 p' at screen 0.04973,0.274578 right front font ',12.004878' tc rgb '#59636e'
set label 5 '10 p' at screen 0.04973,0.434799 right front font ',12.004878' tc rgb '#59636e'
set label 6 '20 p' at screen 0.04973,0.59502 right front font ',12.004878' tc rgb '#59636e'
set label 7 '50 p' at screen 0.04973,0.80682 right front font ',12.004878' tc rgb '#59636e'
set label 8 '1' at screen 0.108501,0.044034 center front font ',12.004878' tc rgb '#59636e'
set label 9 '2' at screen 0.244571,0.044034 center front font ',12.004878' tc rgb '#59636e'
set label 10 '4' at screen 0.38064,0.044034 center front font ',12.004878' tc rgb '#59636e'
set label 11 '8' at screen 0.516709,0.044034 center front font ',12.004878' tc rgb '#59636e'
set label 12 '16' at screen 0.652779,0.044034 center front font ',12.004878' tc rgb '#59636e'
set label 13 '32' at screen 0.788848,0.044034 center front font ',12.004878' tc rgb '#59636e'
set label 14 '64' at screen 0.924917,0.044034 center front font ',12.004878' tc rgb '#59636e'
set label 15 'operations.fma.elements' at screen 0.516709,0.017672 center front font ',13.04878' tc rgb '#1b1f24'
set label 16 '37.7 pJ/FLOP, core.fma' at screen 0.202404,0.759466 center front font ',11.482927' tc rgb '#0068a3'
set label 17 '20.2 pJ/FLOP' at screen 0.301979,0.614991 center front font ',11.482927' tc rgb '#0068a3'
set label 18 '11.4 pJ/FLOP' at screen 0.438048,0.483368 center front font ',11.482927' tc rgb '#0068a3'
set label 19 '7.03 pJ/FLOP' at screen 0.574118,0.371514 center front font ',11.482927' tc rgb '#0068a3'
set label 20 '4.84 pJ/FLOP' at screen 0.710187,0.285341 center front font ',11.482927' tc rgb '#0068a3'
set label 21 '3.75 pJ/FLOP' at screen 0.846256,0.226155 center front font ',11.482927' tc rgb '#0068a3'
set label 22 '3.2 pJ/FLOP' at screen 0.924917,0.19298 center front font ',11.482927' tc rgb '#0068a3'
$d1 << END
1 3.7654296875e-11
2 2.0154296875000002e-11
4 1.1404296875e-11
8 7.029296875e-12
16 4.8417968750000004e-12
32 3.748046875e-12
64 3.201171875e-12
END
$d2 << END
1 3.7654296875e-11 1.101897
2 2.0154296875000002e-11 1.101897
4 1.1404296875e-11 1.101897
8 7.029296875e-12 1.101897
16 4.8417968750000004e-12 1.101897
32 3.748046875e-12 1.101897
64 3.201171875e-12 1.101897
END
plot $d1 using 1:2 with lines lw 2.34878 lc rgb '#0072b2' dt 1 notitle, \
     $d2 using 1:2:($3 + 0.263612) with points pt 7 ps variable lc rgb '#ffffff' notitle, \
     $d2 using 1:2:3 with points pt 7 ps variable lc rgb '#0072b2' notitle
