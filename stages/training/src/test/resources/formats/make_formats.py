"""Writes small images of formats beside JPEG and PNG, and the pixels that Pillow gives for them, to this folder."""
import io
import struct

import numpy as np
from PIL import Image
rng=np.random.default_rng(3)
h,w=17,23
yy,xx=np.mgrid[0:h,0:w]
a=np.stack([(xx*4)%256,(yy*6)%256,((xx+yy)*3)%256],-1).astype(np.uint8)
a[5:10,5:15]=[200,30,40]
a=np.clip(a.astype(int)+rng.integers(-8,9,a.shape),0,255).astype(np.uint8)
rgb=Image.fromarray(a); g=rgb.convert("L"); p=rgb.quantize(64); rgba=rgb.copy(); rgba.putalpha(Image.fromarray(((xx*5)%256).astype(np.uint8)))
def save(im,name,**k):
    im.save(name,**k)
    b=open(name,'rb').read()
    open(name+'.rgb','wb').write(Image.open(io.BytesIO(b)).convert("RGB").tobytes())
save(rgb,'lossy.webp',quality=80); save(rgb,'lossless.webp',lossless=True); save(rgba,'alpha.webp',quality=80); save(rgba,'alpha-lossless.webp',lossless=True); save(p.convert("RGB"),'few.webp',lossless=True)
for c in (None,'tiff_lzw','tiff_adobe_deflate','packbits'):
    save(rgb,f'rgb-{c or "raw"}.tiff',compression=c) 
save(g,'gray.tiff'); save(p,'palette.tiff'); save(rgba,'rgba.tiff'); save(rgb.convert("CMYK"),'cmyk.tiff'); save(g.convert("1"),'bilevel.tiff'); save(g.convert("1"),'group4.tiff',compression='group4')
Image.fromarray((a[...,0].astype(np.uint16)*257)).save('gray16.tiff'); open('gray16.tiff.rgb','wb').write(Image.open('gray16.tiff').convert("RGB").tobytes())
ex=Image.Exif(); ex[274]=6
save(rgb,'turned.tiff',exif=ex,compression='tiff_lzw')
save(rgb,'rgb.bmp'); save(g,'gray.bmp'); save(p,'palette.bmp'); save(g.convert("1"),'bilevel.bmp'); save(rgba,'rgba.bmp')
save(rgb,'rgb.ppm'); save(g,'gray.pgm')
Image.fromarray((a[...,0].astype(np.int32)*3)).save('gray16.pgm'); open('gray16.pgm.rgb','wb').write(Image.open('gray16.pgm').convert("RGB").tobytes())
open('maxval.pgm','wb').write(b'P5\n# c\n%d %d\n100\n'%(w,h)+(a[...,0]//3).tobytes())
open('maxval.ppm','wb').write(b'P6 %d %d 1000\n'%(w,h)+(a.astype('>u2')*3).tobytes())
open('plain.ppm','wb').write(b'P3\n%d %d\n31\n'%(w,h)+b'\n'.join(b' '.join(b'%d'%(v>>3) for v in r.reshape(-1)) for r in a)+b'\n')
open('plain.pgm','wb').write(b'P2 %d %d 255\n# x\n'%(w,h)+b'\n'.join(b' '.join(b'%d'%v for v in r) for r in a[...,1])+b'\n')
for n in ('maxval.pgm','maxval.ppm','plain.ppm','plain.pgm'):
    open(n+'.rgb','wb').write(Image.open(n).convert("RGB").tobytes())
def tiff16(a):
    hh,ww,_=a.shape; d=(a.astype('<u2')*257+13).tobytes()
    tags=[(256,3,1,ww),(257,3,1,hh),(258,3,3,8+2+12*9+4),(259,3,1,1),(262,3,1,2),(273,4,1,8+2+12*9+4+6),(277,3,1,3),(278,3,1,hh),(279,4,1,len(d))]
    o=b'II*\0'+struct.pack('<I',8)+struct.pack('<H',9)
    for t,ty,n,v in tags: o+=struct.pack('<HHI',t,ty,n)+struct.pack('<I',v)
    return o+struct.pack('<I',0)+struct.pack('<3H',16,16,16)+d
open('rgb16.tiff','wb').write(tiff16(a)); open('rgb16.tiff.rgb','wb').write(Image.open('rgb16.tiff').convert("RGB").tobytes())
