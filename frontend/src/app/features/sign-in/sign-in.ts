import { ChangeDetectionStrategy, Component, ElementRef, inject, signal, viewChild, type AfterViewInit } from '@angular/core';
import { Router } from '@angular/router';
import { problemFrom } from '../../api/problem';
import type { ProblemWire } from '../../api/models';
import { SessionState } from '../../core/session-state';
import { ProblemText } from '../../shared/ui/problem-text';

@Component({
  selector: 'vd-sign-in',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ProblemText],
  templateUrl: './sign-in.html',
})
export class SignIn implements AfterViewInit {
  protected readonly session = inject(SessionState);
  protected readonly problem = signal<ProblemWire | null>(null);
  protected readonly busy = signal(false);
  private readonly router = inject(Router);
  private readonly field = viewChild.required<ElementRef<HTMLInputElement>>('token');

  ngAfterViewInit(): void {
    this.field().nativeElement.focus();
  }

  protected async submit(event: Event): Promise<void> {
    event.preventDefault();
    const field = this.field().nativeElement;
    // A token copied from a terminal often brings a line break or a space along.
    const token = field.value.replace(/\s+/g, '');
    if (token === '') {
      this.problem.set({
        type: 'about:blank',
        status: 0,
        code: 'TOKEN_MISSING',
        title: 'Paste the token first',
        detail: '',
        fix: 'It is in the banner that Vedette prints when it starts.',
      });
      field.focus();
      return;
    }
    if (this.busy()) return;
    this.busy.set(true);
    this.problem.set(null);
    try {
      await this.session.signIn(token);
      field.value = '';
      await this.router.navigateByUrl('/');
    } catch (error) {
      this.problem.set(problemFrom(error));
      field.select();
    } finally {
      this.busy.set(false);
    }
  }
}
