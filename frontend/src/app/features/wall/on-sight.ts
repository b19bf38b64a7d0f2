import { Directive, ElementRef, inject, output, type OnDestroy, type OnInit } from '@angular/core';

/** Nearly in sight counts: what is scrolled to is there already. */
const MARGIN = '120px';

/** Tells whether its element is in sight, so that what is not costs nothing. */
@Directive({ selector: '[vdOnSight]' })
export class OnSight implements OnInit, OnDestroy {
  readonly vdOnSight = output<boolean>();
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);
  private readonly observer = new IntersectionObserver(
    (entries) => {
      const latest = entries.at(-1);
      if (latest !== undefined) this.vdOnSight.emit(latest.isIntersecting);
    },
    { rootMargin: MARGIN },
  );

  ngOnInit(): void {
    this.observer.observe(this.host.nativeElement);
  }

  ngOnDestroy(): void {
    this.observer.disconnect();
    this.vdOnSight.emit(false);
  }
}
