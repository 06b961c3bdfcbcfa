package decode

// vectorTable2 holds the vector opcodes of map 0F 38, the VEX integer instructions there, and AMX.
const vectorTable2 = `
vector 2
00.66 x,l,v,e pshufb =Vx Hx Wx e1 nf
01.66 x,l,v phaddw =Vx Hx Wx e2
02.66 x,l,v phaddd =Vx Hx Wx e4
03.66 x,l,v phaddsw =Vx Hx Wx e2
04.66 x,l,v,e pmaddubsw =Vx Hx Wx e2 nf
05.66 x,l,v phsubw =Vx Hx Wx e2
06.66 x,l,v phsubd =Vx Hx Wx e4
07.66 x,l,v phsubsw =Vx Hx Wx e2
08.66 x,l,v psignb =Vx Hx Wx e1
09.66 x,l,v psignw =Vx Hx Wx e2
0a.66 x,l,v psignd =Vx Hx Wx e4
0b.66 x,l,v,e pmulhrsw =Vx Hx Wx e2
0c.66 v0 permilps =Vx Hx Wx e4
0d.66 v0 permilpd =Vx Hx Wx e8
0c.66 e0 permilps =Vx Hx Wx b4 nf
0d.66 e1 permilpd =Vx Hx Wx b8 nf
0e.66 v0 testps -Vx Wx #a
0f.66 v0 testpd -Vx Wx #a
10.66 l pblendvb +V16 W16 xmm0
10.66 e1 psrlvw =Vx Hx Wx e2
11.66 e1 psravw =Vx Hx Wx e2
12.66 e1 psllvw =Vx Hx Wx e2
13.66 v0 cvtph2ps =Vx Wh
13.66 e0 cvtph2ps =Vx Wh e4 sae
14.66 l blendvps +V16 W16 xmm0
14.66 e0 prorvd =Vx Hx Wx b4
14.66 e1 prorvq =Vx Hx Wx b8
15.66 l blendvpd +V16 W16 xmm0
15.66 e0 prolvd =Vx Hx Wx b4
15.66 e1 prolvq =Vx Hx Wx b8
16.66 v0:1 permps =Vx Hx Wx e4
16.66 e0:12 permps =Vx Hx Wx b4 nf
16.66 e1:12 permpd =Vx Hx Wx b8 nf
17.66 l,v ptest -Vx Wx #a
10.f3 e0 pmovuswb =Wh Vx e2
11.f3 e0 pmovusdb =Wq Vx e4
12.f3 e0 pmovusqb =Wo Vx e8
13.f3 e0 pmovusdw =Wh Vx e4
14.f3 e0 pmovusqw =Wq Vx e8
15.f3 e0 pmovusqd =Wh Vx e8
18.66 v0 broadcastss =Vx W4
18.66 e0 broadcastss =Vx W4 e4 nf
19.66 v0:1 broadcastsd =Vx W8
19.66 e0:12 broadcastf32x2 =Vx W8 e4 nf
19.66 e1:12 broadcastsd =Vx W8 e8 nf
1a.66.m v0:1 broadcastf128 =Vx M16
1a.66.m e0:12 broadcastf32x4 =Vx M16 e4 nf
1a.66.m e1:12 broadcastf64x2 =Vx M16 e8 nf
1b.66.m e0:2 broadcastf32x8 =Vx M32 e4 nf
1b.66.m e1:2 broadcastf64x4 =Vx M32 e8 nf
1c.66 x,l,v,e pabsb =Vx Wx e1
1d.66 x,l,v,e pabsw =Vx Wx e2
1e.66 x,l,v,e0 pabsd =Vx Wx b4
1f.66 e1 pabsq =Vx Wx b8
20.66 l,v,e pmovsxbw =Vx Wh e2
21.66 l,v,e pmovsxbd =Vx Wq e4
22.66 l,v,e pmovsxbq =Vx Wo e8
23.66 l,v,e pmovsxwd =Vx Wh e4
24.66 l,v,e pmovsxwq =Vx Wq e8
25.66 l,v,e0 pmovsxdq =Vx Wh e8
20.f3 e0 pmovswb =Wh Vx e2
21.f3 e0 pmovsdb =Wq Vx e4
22.f3 e0 pmovsqb =Wo Vx e8
23.f3 e0 pmovsdw =Wh Vx e4
24.f3 e0 pmovsqw =Wq Vx e8
25.f3 e0 pmovsqd =Wh Vx e8
26.66 e0 ptestmb =Kg Hx Wx e1
26.66 e1 ptestmw =Kg Hx Wx e2
26.f3 e0 ptestnmb =Kg Hx Wx e1
26.f3 e1 ptestnmw =Kg Hx Wx e2
27.66 e0 ptestmd =Kg Hx Wx b4
27.66 e1 ptestmq =Kg Hx Wx b8
27.f3 e0 ptestnmd =Kg Hx Wx b4
27.f3 e1 ptestnmq =Kg Hx Wx b8
28.66 l,v,e1 pmuldq =Vx Hx Wx b8
28.f3.r e0 pmovm2b =Vx Ku
28.f3.r e1 pmovm2w =Vx Ku
29.66 l,v pcmpeqq =Vx Hx Wx e8
29.66 e1 pcmpeqq =Kg Hx Wx b8
29.f3.r e0 pmovb2m =Kg Ux
29.f3.r e1 pmovw2m =Kg Ux
2a.66.m l,v,e0 movntdqa =Vx Mx nt
2a.f3.r e1 pbroadcastmb2q =Vx Ku
2b.66 l,v packusdw =Vx Hx Wx e4
2b.66 e0 packusdw =Vx Hx Wx b4/2 nf
2c.66.m v0 maskmovps =Vx Hx Mx e4 vm
2d.66.m v0 maskmovpd =Vx Hx Mx e8 vm
2e.66.m v0 maskmovps =Mx Hx Vx e4 vm
2f.66.m v0 maskmovpd =Mx Hx Vx e8 vm
2c.66 e0 scalefps =Vx Hx Wx b4 er
2c.66 e1 scalefpd =Vx Hx Wx b8 er
2d.66 e0 scalefss =V16 H16 W4 s er
2d.66 e1 scalefsd =V16 H16 W8 s er
30.66 l,v,e pmovzxbw =Vx Wh e2
31.66 l,v,e pmovzxbd =Vx Wq e4
32.66 l,v,e pmovzxbq =Vx Wo e8
33.66 l,v,e pmovzxwd =Vx Wh e4
34.66 l,v,e pmovzxwq =Vx Wq e8
35.66 l,v,e0 pmovzxdq =Vx Wh e8
30.f3 e0 pmovwb =Wh Vx e2
31.f3 e0 pmovdb =Wq Vx e4
32.f3 e0 pmovqb =Wo Vx e8
33.f3 e0 pmovdw =Wh Vx e4
34.f3 e0 pmovqw =Wq Vx e8
35.f3 e0 pmovqd =Wh Vx e8
36.66 v0:1 permd =Vx Hx Wx e4
36.66 e0:12 permd =Vx Hx Wx b4 nf
36.66 e1:12 permq =Vx Hx Wx b8 nf
37.66 l,v pcmpgtq =Vx Hx Wx e8
37.66 e1 pcmpgtq =Kg Hx Wx b8
38.66 l,v,e pminsb =Vx Hx Wx e1
38.f3.r e0 pmovm2d =Vx Ku
38.f3.r e1 pmovm2q =Vx Ku
39.66 l,v,e0 pminsd =Vx Hx Wx b4
39.66 e1 pminsq =Vx Hx Wx b8
39.f3.r e0 pmovd2m =Kg Ux
39.f3.r e1 pmovq2m =Kg Ux
3a.66 l,v,e pminuw =Vx Hx Wx e2
3a.f3.r e0 pbroadcastmw2d =Vx Ku
3b.66 l,v,e0 pminud =Vx Hx Wx b4
3b.66 e1 pminuq =Vx Hx Wx b8
3c.66 l,v,e pmaxsb =Vx Hx Wx e1
3d.66 l,v,e0 pmaxsd =Vx Hx Wx b4
3d.66 e1 pmaxsq =Vx Hx Wx b8
3e.66 l,v,e pmaxuw =Vx Hx Wx e2
3f.66 l,v,e0 pmaxud =Vx Hx Wx b4
3f.66 e1 pmaxuq =Vx Hx Wx b8
40.66 l,v,e0 pmulld =Vx Hx Wx b4
40.66 e1 pmullq =Vx Hx Wx b8
41.66 l,v:0 phminposuw =V16 W16
42.66 e0 getexpps =Vx Wx b4 sae
42.66 e1 getexppd =Vx Wx b8 sae
43.66 e0 getexpss =V16 H16 W4 s sae
43.66 e1 getexpsd =V16 H16 W8 s sae
44.66 e0 plzcntd =Vx Wx b4
44.66 e1 plzcntq =Vx Wx b8
45.66 v0,e0 psrlvd =Vx Hx Wx b4
45.66 v1,e1 psrlvq =Vx Hx Wx b8
46.66 v0,e0 psravd =Vx Hx Wx b4
46.66 e1 psravq =Vx Hx Wx b8
47.66 v0,e0 psllvd =Vx Hx Wx b4
47.66 v1,e1 psllvq =Vx Hx Wx b8
49.np.m./0 v0:0 !ldtilecfg -M64 amx tcfg
49.66.m./0 v0:0 !sttilecfg =M64 amx
49.np.=c0 v0:0 !tilerelease amx tcfg
49.f2.r.rm0 v0:0 !tilezero =Tg amx
4b.f2.m.rm4 v0:0 !tileloadd =Tg M amx tmem
4b.66.m.rm4 v0:0 !tileloaddt1 =Tg M amx tmem
4b.f3.m.rm4 v0:0 !tilestored =M Tg amx tmem
5c.f3.r v0:0 !tdpbf16ps +Tg Tu Th amx distinct
5c.f2.r v0:0 !tdpfp16ps +Tg Tu Th amx distinct
5e.np.r v0:0 !tdpbuud +Tg Tu Th amx distinct
5e.66.r v0:0 !tdpbusd +Tg Tu Th amx distinct
5e.f3.r v0:0 !tdpbsud +Tg Tu Th amx distinct
5e.f2.r v0:0 !tdpbssd +Tg Tu Th amx distinct
6c.66.r v0:0 !tcmmimfp16ps +Tg Tu Th amx distinct
6c.np.r v0:0 !tcmmrlfp16ps +Tg Tu Th amx distinct
4c.66 e0 rcp14ps =Vx Wx b4
4c.66 e1 rcp14pd =Vx Wx b8
4d.66 e0 rcp14ss =V16 H16 W4 s
4d.66 e1 rcp14sd =V16 H16 W8 s
4e.66 e0 rsqrt14ps =Vx Wx b4
4e.66 e1 rsqrt14pd =Vx Wx b8
4f.66 e0 rsqrt14ss =V16 H16 W4 s
4f.66 e1 rsqrt14sd =V16 H16 W8 s
50.66 v0,e0 pdpbusd +Vx Hx Wx b4
51.66 v0,e0 pdpbusds +Vx Hx Wx b4
52.66 v0,e0 pdpwssd +Vx Hx Wx b4
53.66 v0,e0 pdpwssds +Vx Hx Wx b4
50.np v0 pdpbuud +Vx Hx Wx e4
50.f3 v0 pdpbsud +Vx Hx Wx e4
50.f2 v0 pdpbssd +Vx Hx Wx e4
51.np v0 pdpbuuds +Vx Hx Wx e4
51.f3 v0 pdpbsuds +Vx Hx Wx e4
51.f2 v0 pdpbssds +Vx Hx Wx e4
52.f3 e0 dpbf16ps +Vx Hx Wx b4
54.66 e0 popcntb =Vx Wx e1
54.66 e1 popcntw =Vx Wx e2
55.66 e0 popcntd =Vx Wx b4
55.66 e1 popcntq =Vx Wx b8
58.66 v0 pbroadcastd =Vx W4
58.66 e0 pbroadcastd =Vx W4 e4 nf
59.66 v0 pbroadcastq =Vx W8
59.66 e0 broadcasti32x2 =Vx W8 e4 nf
59.66 e1 pbroadcastq =Vx W8 e8 nf
5a.66.m v0:1 broadcasti128 =Vx M16
5a.66.m e0:12 broadcasti32x4 =Vx M16 e4 nf
5a.66.m e1:12 broadcasti64x2 =Vx M16 e8 nf
5b.66.m e0:2 broadcasti32x8 =Vx M32 e4 nf
5b.66.m e1:2 broadcasti64x4 =Vx M32 e8 nf
62.66 e0 pexpandb =Vx Wx e1 expand
62.66 e1 pexpandw =Vx Wx e2 expand
63.66 e0 pcompressb =Wx Vx e1 compress
63.66 e1 pcompressw =Wx Vx e2 compress
64.66 e0 pblendmd =Vx Hx Wx b4
64.66 e1 pblendmq =Vx Hx Wx b8
65.66 e0 blendmps =Vx Hx Wx b4
65.66 e1 blendmpd =Vx Hx Wx b8
66.66 e0 pblendmb =Vx Hx Wx e1
66.66 e1 pblendmw =Vx Hx Wx e2
68.f2 e0 p2intersectd =Kp Hx Wx b4 nk
68.f2 e1 p2intersectq =Kp Hx Wx b8 nk
70.66 e1 pshldvw +Vx Hx Wx e2
71.66 e0 pshldvd +Vx Hx Wx b4
71.66 e1 pshldvq +Vx Hx Wx b8
72.66 e1 pshrdvw +Vx Hx Wx e2
73.66 e0 pshrdvd +Vx Hx Wx b4
73.66 e1 pshrdvq +Vx Hx Wx b8
72.f3 v0,e0 cvtneps2bf16 =Vh Wx b4
72.f2 e0 cvtne2ps2bf16 =Vx Hx Wx b4/2 nf
75.66 e0 permi2b +Vx Hx Wx e1 nf
75.66 e1 permi2w +Vx Hx Wx e2 nf
76.66 e0 permi2d +Vx Hx Wx b4 nf
76.66 e1 permi2q +Vx Hx Wx b8 nf
77.66 e0 permi2ps +Vx Hx Wx b4 nf
77.66 e1 permi2pd +Vx Hx Wx b8 nf
78.66 v0 pbroadcastb =Vx W1
78.66 e0 pbroadcastb =Vx W1 e1 nf
79.66 v0 pbroadcastw =Vx W2
79.66 e0 pbroadcastw =Vx W2 e2 nf
7a.66.r e0 pbroadcastb =Vx Rd e1
7b.66.r e0 pbroadcastw =Vx Rd e2
7c.66.r e0 pbroadcastd =Vx Rd e4
7c.66.r e1 pbroadcastq =Vx Rq e8
7d.66 e0 permt2b +Vx Hx Wx e1 nf
7d.66 e1 permt2w +Vx Hx Wx e2 nf
7e.66 e0 permt2d +Vx Hx Wx b4 nf
7e.66 e1 permt2q +Vx Hx Wx b8 nf
7f.66 e0 permt2ps +Vx Hx Wx b4 nf
7f.66 e1 permt2pd +Vx Hx Wx b8 nf
83.66 e1 pmultishiftqb =Vx Hx Wx b8/1 nf
88.66 e0 expandps =Vx Wx e4 expand
88.66 e1 expandpd =Vx Wx e8 expand
89.66 e0 pexpandd =Vx Wx e4 expand
89.66 e1 pexpandq =Vx Wx e8 expand
8a.66 e0 compressps =Wx Vx e4 compress
8a.66 e1 compresspd =Wx Vx e8 compress
8b.66 e0 pcompressd =Wx Vx e4 compress
8b.66 e1 pcompressq =Wx Vx e8 compress
8c.66.m v0 pmaskmovd =Vx Hx Mx e4 vm
8c.66.m v1 pmaskmovq =Vx Hx Mx e8 vm
8e.66.m v0 pmaskmovd =Mx Hx Vx e4 vm
8e.66.m v1 pmaskmovq =Mx Hx Vx e8 vm
8d.66 e0 permb =Vx Hx Wx e1 nf
8d.66 e1 permw =Vx Hx Wx e2 nf
8f.66 e0 pshufbitqmb =Kg Hx Wx e1
90.66.m.rm4 v0 pgatherdd +Vx Y4x +Hx e4 gather distinct
90.66.m.rm4 v1 pgatherdq +Vx Y4h +Hx e8 gather distinct
91.66.m.rm4 v0 pgatherqd +Vh Y8x +Hh e4 gather half distinct
91.66.m.rm4 v1 pgatherqq +Vx Y8x +Hx e8 gather distinct
92.66.m.rm4 v0 gatherdps +Vx Y4x +Hx e4 gather distinct
92.66.m.rm4 v1 gatherdpd +Vx Y4h +Hx e8 gather distinct
93.66.m.rm4 v0 gatherqps +Vh Y8x +Hh e4 gather half distinct
93.66.m.rm4 v1 gatherqpd +Vx Y8x +Hx e8 gather distinct
90.66.m.rm4 e0 pgatherdd =Vx Y4x e4 gather distinct
90.66.m.rm4 e1 pgatherdq =Vx Y4h e8 gather distinct
91.66.m.rm4 e0 pgatherqd =Vh Y8x e4 gather half distinct
91.66.m.rm4 e1 pgatherqq =Vx Y8x e8 gather distinct
92.66.m.rm4 e0 gatherdps =Vx Y4x e4 gather distinct
92.66.m.rm4 e1 gatherdpd =Vx Y4h e8 gather distinct
93.66.m.rm4 e0 gatherqps =Vh Y8x e4 gather half distinct
93.66.m.rm4 e1 gatherqpd =Vx Y8x e8 gather distinct
a0.66.m.rm4 e0 pscatterdd =Y4x Vx e4 scatter
a0.66.m.rm4 e1 pscatterdq =Y4h Vx e8 scatter
a1.66.m.rm4 e0 pscatterqd =Y8x Vh e4 scatter half
a1.66.m.rm4 e1 pscatterqq =Y8x Vx e8 scatter
a2.66.m.rm4 e0 scatterdps =Y4x Vx e4 scatter
a2.66.m.rm4 e1 scatterdpd =Y4h Vx e8 scatter
a3.66.m.rm4 e0 scatterqps =Y8x Vh e4 scatter half
a3.66.m.rm4 e1 scatterqpd =Y8x Vx e8 scatter
$fma 96 fmaddsub132 packed
$fma 97 fmsubadd132 packed
$fma 98 fmadd132
$fma 9a fmsub132
$fma 9c fnmadd132
$fma 9e fnmsub132
$fma a6 fmaddsub213 packed
$fma a7 fmsubadd213 packed
$fma a8 fmadd213
$fma aa fmsub213
$fma ac fnmadd213
$fma ae fnmsub213
$fma b6 fmaddsub231 packed
$fma b7 fmsubadd231 packed
$fma b8 fmadd231
$fma ba fmsub231
$fma bc fnmadd231
$fma be fnmsub231
b4.66 v1,e1 pmadd52luq +Vx Hx Wx b8
b5.66 v1,e1 pmadd52huq +Vx Hx Wx b8
b0.np.m v0 cvtneoph2ps =Vx Mx
b0.66.m v0 cvtneeph2ps =Vx Mx
b0.f3.m v0 cvtneebf162ps =Vx Mx
b0.f2.m v0 cvtneobf162ps =Vx Mx
b1.66.m v0 bcstnesh2ps =Vx M2
b1.f3.m v0 bcstnebf162ps =Vx M2
c4.66 e0 pconflictd =Vx Wx b4 nf
c4.66 e1 pconflictq =Vx Wx b8 nf
c8.66 e0:2 exp2ps =Vx Wx b4 sae
c8.66 e1:2 exp2pd =Vx Wx b8 sae
ca.66 e0:2 rcp28ps =Vx Wx b4 sae
ca.66 e1:2 rcp28pd =Vx Wx b8 sae
cb.66 e0 rcp28ss =V16 H16 W4 s sae
cb.66 e1 rcp28sd =V16 H16 W8 s sae
cc.66 e0:2 rsqrt28ps =Vx Wx b4 sae
cc.66 e1:2 rsqrt28pd =Vx Wx b8 sae
cd.66 e0 rsqrt28ss =V16 H16 W4 s sae
cd.66 e1 rsqrt28sd =V16 H16 W8 s sae
c8.np l sha1nexte +V16 W16
c9.np l sha1msg1 +V16 W16
ca.np l sha1msg2 +V16 W16
cb.np l sha256rnds2 +V16 W16 xmm0
cc.np l sha256msg1 +V16 W16
cd.np l sha256msg2 +V16 W16
cf.66 l,v0,e0 gf2p8mulb =Vx Hx Wx e1
db.66 l,v:0 aesimc =V16 W16
dc.66 l,v,e aesenc =Vx Hx Wx
dd.66 l,v,e aesenclast =Vx Hx Wx
de.66 l,v,e aesdec =Vx Hx Wx
df.66 l,v,e aesdeclast =Vx Hx Wx
$cc e0 cmpxadd
f2.np v:0 !andn =Gy By Ey #a
f3.np./1 v:0 !blsr =By Ey #a
f3.np./2 v:0 !blsmsk =By Ey #a
f3.np./3 v:0 !blsi =By Ey #a
f5.np v:0 !bzhi =Gy Ey By #a
f5.f3 v:0 !pext =Gy By Ey
f5.f2 v:0 !pdep =Gy By Ey
f6.f2 v:0 !mulx =Gy =By Ey r=d
f7.np v:0 !bextr =Gy Ey By #a
f7.66 v:0 !shlx =Gy Ey By
f7.f3 v:0 !sarx =Gy Ey By
f7.f2 v:0 !shrx =Gy Ey By
`
