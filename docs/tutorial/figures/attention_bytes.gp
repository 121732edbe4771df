# Drawn by: gnuplot -d THIS_FILE > PICTURE
set encoding utf8
set terminal svg size 800,720 noenhanced font 'Arial,12' dynamic background rgb '#ffffff'
unset key
unset title
set lmargin at screen 0.072496
set rmargin at screen 0.973902
set tmargin at screen 0.881745
set bmargin at screen 0.098006
set border 3 lw 1 lc rgb '#8c959f'
set logscale x
set xrange [415.87322693439256:20171.07006824311]
set xtics nomirror out scale 0.6,0.35 ('' 512 0, '' 1024 0, '' 2048 0, '' 4096 0, '' 8192 0, '' 16384 0)
set logscale y
set yrange [20971520:249322851532.80002]
set ytics nomirror out scale 0.6,0.35 ('' 30000000 1, '' 40000000 1, '' 50000000 0, '' 60000000 1, '' 70000000 1, '' 80000000 1, '' 90000000 1, '' 100000000 0, '' 200000000 0, '' 300000000 1, '' 400000000 1, '' 500000000 0, '' 600000000 1, '' 700000000 1, '' 800000000 1, '' 900000000 1, '' 1000000000 0, '' 2000000000 0, '' 3000000000 1, '' 4000000000 1, '' 5000000000 0, '' 6000000000 1, '' 7000000000 1, '' 8000000000 1, '' 9000000000 1, '' 10000000000 0, '' 20000000000 0, '' 30000000000 1, '' 40000000000 1, '' 50000000000 0, '' 60000000000 1, '' 70000000000 1, '' 80000000000 1, '' 90000000000 1, '' 100000000000 0, '' 200000000000 0)
set grid xtics ytics back lt 1 lw 1 lc rgb '#e6e9ed'
set label 1 '' at screen 0.030991,0.021888 point pt 7 ps 1.101897 lw 1 lc rgb '#0072b2'
set label 2 '' at screen 0.214575,0.021888 point pt 5 ps 0.969669 lw 1 lc rgb '#d55e00'
set label 3 'naive_attn_large and flash_attn' at screen 0.016311,0.970187 left front font ',16.963415' tc rgb '#1b1f24'
set label 4 'must move over seq_q on NVIDIA A100 SXM4 80 GB' at screen 0.016311,0.940057 left front font ',12.396341' tc rgb '#59636e'
set label 5 'must move (B)' at screen 0.016311,0.906212 left front font ',13.04878' tc rgb '#1b1f24'
set label 6 '50 M' at screen 0.06271,0.170577 right front font ',12.004878' tc rgb '#59636e'
set label 7 '100 M' at screen 0.06271,0.228471 right front font ',12.004878' tc rgb '#59636e'
set label 8 '200 M' at screen 0.06271,0.286366 right front font ',12.004878' tc rgb '#59636e'
set label 9 '500 M' at screen 0.06271,0.362899 right front font ',12.004878' tc rgb '#59636e'
set label 10 '1 G' at screen 0.06271,0.420794 right front font ',12.004878' tc rgb '#59636e'
set label 11 '2 G' at screen 0.06271,0.478689 right front font ',12.004878' tc rgb '#59636e'
set label 12 '5 G' at screen 0.06271,0.555222 right front font ',12.004878' tc rgb '#59636e'
set label 13 '10 G' at screen 0.06271,0.613117 right front font ',12.004878' tc rgb '#59636e'
set label 14 '20 G' at screen 0.06271,0.671011 right front font ',12.004878' tc rgb '#59636e'
set label 15 '50 G' at screen 0.06271,0.747544 right front font ',12.004878' tc rgb '#59636e'
set label 16 '100 G' at screen 0.06271,0.805439 right front font ',12.004878' tc rgb '#59636e'
set label 17 '200 G' at screen 0.06271,0.863334 right front font ',12.004878' tc rgb '#59636e'
set label 18 '512' at screen 0.120786,0.079882 center front font ',12.004878' tc rgb '#59636e'
set label 19 '1024' at screen 0.281751,0.079882 center front font ',12.004878' tc rgb '#59636e'
set label 20 '2048' at screen 0.442717,0.079882 center front font ',12.004878' tc rgb '#59636e'
set label 21 '4096' at screen 0.603682,0.079882 center front font ',12.004878' tc rgb '#59636e'
set label 22 '8192' at screen 0.764647,0.079882 center front font ',12.004878' tc rgb '#59636e'
set label 23 '16384' at screen 0.925613,0.079882 center front font ',12.004878' tc rgb '#59636e'
set label 24 'seq_q' at screen 0.523199,0.05451 center front font ',13.04878' tc rgb '#1b1f24'
set label 25 '160 MiB, hbm' at screen 0.180304,0.254178 center front font ',11.482927' tc rgb '#0068a3'
set label 26 '576 MiB' at screen 0.242902,0.396192 center front font ',11.482927' tc rgb '#0068a3'
set label 27 '2.28 GB' at screen 0.404191,0.507208 center front font ',11.482927' tc rgb '#0068a3'
set label 28 '8.25 GiB, subcore.issue' at screen 0.509306,0.620504 center front font ',11.482927' tc rgb '#0068a3'
set label 29 '32.5 GiB, latency of ‘lanes’' at screen 0.65802,0.735018 center front font ',11.482927' tc rgb '#0068a3'
set label 30 '129 GiB, subcore.issue' at screen 0.833519,0.850163 center front font ',11.482927' tc rgb '#0068a3'
set label 31 '32 MiB, sm.phase' at screen 0.194314,0.11975 center front font ',11.482927' tc rgb '#b34e00'
set label 32 '64 MiB' at screen 0.281751,0.215828 center front font ',11.482927' tc rgb '#b34e00'
set label 33 '128 MiB' at screen 0.442717,0.273723 center front font ',11.482927' tc rgb '#b34e00'
set label 34 '256 MiB' at screen 0.603682,0.331618 center front font ',11.482927' tc rgb '#b34e00'
set label 35 '512 MiB' at screen 0.764647,0.389512 center front font ',11.482927' tc rgb '#b34e00'
set label 36 '1 GiB' at screen 0.925613,0.447407 center front font ',11.482927' tc rgb '#b34e00'
set label 37 'naive_attn_large' at screen 0.049324,0.021888 left front font ',12.004878' tc rgb '#1b1f24'
set label 38 'flash_attn' at screen 0.232909,0.021888 left front font ',12.004878' tc rgb '#1b1f24'
$d1 << END
512 167772160
1024 603979776
2048 2281701376
4096 8858370048
8192 34896609280
16384 138512695296
END
$d2 << END
512 167772160 1.101897
1024 603979776 1.101897
2048 2281701376 1.101897
4096 8858370048 1.101897
8192 34896609280 1.101897
16384 138512695296 1.101897
END
$d3 << END
512 33554432
1024 67108864
2048 134217728
4096 268435456
8192 536870912
16384 1073741824
END
$d4 << END
512 33554432 0.969669
1024 67108864 0.969669
2048 134217728 0.969669
4096 268435456 0.969669
8192 536870912 0.969669
16384 1073741824 0.969669
END
plot $d1 using 1:2 with lines lw 2.34878 lc rgb '#0072b2' dt 1 notitle, \
     $d2 using 1:2:($3 + 0.263612) with points pt 7 ps variable lc rgb '#ffffff' notitle, \
     $d2 using 1:2:3 with points pt 7 ps variable lc rgb '#0072b2' notitle, \
     $d3 using 1:2 with lines lw 2.34878 lc rgb '#d55e00' dt 1 notitle, \
     $d4 using 1:2:($3 + 0.231978) with points pt 5 ps variable lc rgb '#ffffff' notitle, \
     $d4 using 1:2:3 with points pt 5 ps variable lc rgb '#d55e00' notitle
